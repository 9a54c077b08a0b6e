#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bare: two ports, and XDP that redirects from one to the other: what no switch made of XDP can exceed

up() {
	"$BIN/bare" "$1" "$2" "$D/bpf/1"
	"$BIN/bare" "$2" "$1" "$D/bpf/2"
}
