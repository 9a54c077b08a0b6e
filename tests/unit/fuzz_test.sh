#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz_test.sh: the fuzzers, a minute each, at the same time.
exec "$(dirname "$0")/../fuzz/fuzz.sh" "${KVS_FUZZ_SECONDS:-60}"
