#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# deps.sh FILE: install the Debian packages FILE lists, starting no service of theirs; does nothing, and needs no root,
# when all are there.
set -eu
missing=$(grep -v '^#' "$1" | while read -r p; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"
done | tr '\n' ' ')
[ -n "$missing" ] || exit 0
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=$(command -v sudo) || {
		echo "These packages are missing; run 'make deps' as root to install them: $missing" >&2
		exit 1
	}
fi
echo "Installing: $missing"
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy > /dev/null
	trap '$sudo rm $policy' EXIT
	$sudo chmod 755 $policy
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -y -qq --no-install-recommends $missing
