#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bridge: the Linux bridge; bridge-nf: with br_netfilter, as it is where container tools have loaded it

up() {
	bridge_up "$@"
	[ "$MODE" != nf ] || nf_call 1
}
