#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lint.sh: check the form of everything: format, shellcheck, cppcheck, man pages, sizes of functions and files.
# shellcheck disable=SC2317 # step runs the functions
set -u
cd "$(dirname "$0")/.." || exit 1
MEDIAN_MAX=15 # lines of a function; design: about 12
LONG=40       # 85 of 100 functions are no longer
SHARE_MIN=85
FILE_MAX=400
bad=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# step TITLE COMMAND...: prints what the command says only when it fails
step() {
	local title=$1
	shift
	if "$@" > "$out/step" 2>&1; then
		echo "ok      $title"
	else
		echo "FAILED  $title"
		sed 's/^/        /' "$out/step"
		bad=1
		return 1
	fi
}

# every file of the tree that is not built, tracked yet or not
files() {
	git ls-files --cached --others --exclude-standard | sort -u | while read -r f; do
		[ ! -f "$f" ] || echo "$f"
	done
}

is_shell() {
	case $1 in
	*.sh) return 0 ;;
	*.*) return 1 ;;
	*) head -n 1 "$1" | grep -Eq '^#!.*(sh|bash)$' ;;
	esac
}

banners() {
	local f status=0
	for f in "${c[@]}" "${shell[@]}"; do
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
			{ echo "$f: does not begin with SPDX-License-Identifier: GPL-2.0-only" && status=1; }
	done
	return "$status"
}

check_format() {
	local f n status=0
	for f in "${c[@]}"; do
		n=$(clang-format --dry-run "$f" 2>&1 | grep -c 'warning:')
		[ "$n" -eq 0 ] || { echo "$f: $n places; clang-format -i mends them" && status=1; }
	done
	return "$status"
}

# cppcheck knows nothing of cleanup attributes; that nothing leaks is for ASan in tests/unit
check_cppcheck() {
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 \
		--suppress=resourceLeak --suppress=memleak --suppress=ctuuninitvar -D_GNU_SOURCE \
		'-DLIBBPF_OPTS(TYPE, NAME, ...)=struct TYPE NAME = {__VA_ARGS__}' -Iinclude -Ilib "$@"
}

check_man() {
	local f status=0
	for f in "${man[@]}"; do
		LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$f" 2>&1 > /dev/null |
			sed "s|^|$f: |" | grep . && status=1
	done
	return "$status"
}

# functions: "LINES FILE:LINE" of every function of C, its body being what lies between { and } in column 0
functions() {
	awk 'FNR == 1 { start = 0 }
		/^{$/ { start = FNR }
		/^}$/ && start { print FNR - start - 1, FILENAME ":" start; start = 0 }' "${c[@]}"
}

check_functions() {
	functions | sort -n > "$out/functions"
	awk -v long="$LONG" -v median_max="$MEDIAN_MAX" -v share_min="$SHARE_MIN" '
		{ n[NR] = $1; short += $1 <= long }
		END {
			median = n[int((NR + 1) / 2)]; share = 100 * short / NR
			printf "%d functions, lines: median %d, 75 %% <= %d, 90 %% <= %d, longest %d; %.1f %% <= %d\n",
				NR, median, n[int(NR * 3 / 4)], n[int(NR * 9 / 10)], n[NR], share, long
			exit median > median_max || share < share_min
		}' "$out/functions" || return
	awk -v long="$LONG" '$1 > long { print "  " $0 }' "$out/functions"
}

check_sizes() {
	wc -l "${c[@]}" "${shell[@]}" | awk -v max="$FILE_MAX" '
		$2 != "total" && $1 > max { print $2 ": " $1 " lines, more than " max; bad = 1 } END { exit bad }'
}

# tested_by GLOB...: one of them exists
tested_by() {
	compgen -G "$1" > /dev/null || { [ $# -gt 1 ] && shift && tested_by "$@"; }
}

untested() {
	local f noun
	for f in lib/*.c kvs/*.c kvsd/*.c bpf/*.h; do
		noun=$(basename "${f%.*}")
		noun=${noun%%_*}
		case $f in
		lib/*) tested_by "tests/unit/$noun*_test.c" ;;
		kvs/*) tested_by "tests/unit/kvs_$noun*_test.c" ;;
		kvsd/*) tested_by "tests/unit/kvsd_$noun*_test.c" "tests/net/$noun*_test.sh" ;;
		bpf/*) tested_by "tests/bpf/$noun*_test.c" ;;
		esac || echo "${f%/*}/$noun"
	done | grep -v /main | uniq
}

mapfile -t all < <(files)
c=() shell=() man=()
for f in "${all[@]}"; do
	case $f in
	*.c | *.h) c+=("$f") ;;
	man/*.[1-8]) man+=("$f") ;;
	*) ! is_shell "$f" || shell+=("$f") ;;
	esac
done
step 'clang-format' check_format
step 'shellcheck' shellcheck "${shell[@]}"
step 'cppcheck' check_cppcheck kvsd kvs lib
step 'man pages' check_man
step 'SPDX lines' banners
step "files of at most $FILE_MAX lines" check_sizes
step 'length of functions' check_functions && cat "$out/step"
untested > "$out/untested"
[ ! -s "$out/untested" ] || echo "without a test named after them:" "$(paste -sd ' ' "$out/untested")"
exit $bad
