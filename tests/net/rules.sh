#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rules.sh: for the tests of netfilter: which path frames from h1 to h2 take, and why.

# says_fast: the switch
says_fast() {
	query status '.switches[] | "\(.fast_path) \(.reason)"' | grep -qx 'true '
}

# is_fast: what it says, and what it does
is_fast() {
	says_fast || return 1 # errexit does not hold in until_ok
	learn h1 h2
	mark
	send h1 h2 --count 50
	is "fast frames" $(($(rose h1 fast_tc) + $(rose h1 fast_xdp))) -ge 45
}

# is_slow PATTERN: the switch, for this reason
is_slow() {
	query status '.switches[] | "\(.fast_path) \(.reason)"' | grep -Eq "^false netfilter rules: $1" ||
		fail "$(query status '.switches[]')"
}

# all_slow N: that many frames reach h2, of 50, all by the bridge; each is counted for its reason
all_slow() {
	learn h1 h2
	mark
	listen h2
	send h1 h2 --count 50 --id 7
	hush h2
	is "fast frames" $(($(rose h1 fast_tc) + $(rose h1 fast_xdp))) -eq 0
	is "frames slow for netfilter" "$(rose_slow h1 netfilter)" -ge 48 # the bridge hears one in a while as refresh
	is "frames at h2" "$(heard h2 7)" -eq "$1"
}
