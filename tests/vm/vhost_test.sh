#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vhost_test.sh: taps that vhost-net serves, on Debian's 6.1 kernel; vhost_job.sh is the guest's part.
cd "$(dirname "$0")/../.." || exit
exec tests/vm/run.sh --mem 1024 --timeout 400 tests/vm/vhost_job.sh
