#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# docs_test.sh: what the programs can do is documented, and what is documented exists. Needs no root.
# shellcheck disable=SC2016,SC2317 # backquotes of markdown; same and all run the functions
set -u
export LC_ALL=C
cd "$(dirname "$0")" || exit 1
until [ -f CONTRIBUTING.md ]; do cd .. || exit 1; done
TESTS=0 FAILED=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# judge WHAT: $tmp/code and $tmp/docs have the same lines, and there is one
judge() {
	if [ -s "$tmp/code" ] && cmp -s "$tmp/code" "$tmp/docs"; then
		echo "ok $((++TESTS)) - $1"
		return
	fi
	echo "not ok $((++TESTS)) - $1"
	FAILED=1
	[ -s "$tmp/code" ] || echo "# nothing was found in the code"
	comm -23 "$tmp/code" "$tmp/docs" | sed 's/^/# not documented: /'
	comm -13 "$tmp/code" "$tmp/docs" | sed 's/^/# documented, but not there: /'
}

# same WHAT CODE DOCS: the two functions print the same words
same() {
	"$2" | sort -u > "$tmp/code"
	"$3" | sort -u > "$tmp/docs"
	judge "$1"
}

# all WHAT CODE FILE: every word that the function prints stands in FILE, as a word
all() {
	"$2" | sort -u > "$tmp/code"
	while read -r word; do
		! plain "$3" | grep -qE -e "(^|[^a-z_-])$word(\$|[^a-z_-])" || echo "$word"
	done < "$tmp/code" > "$tmp/docs"
	judge "$1"
}

# plain FILE: a manual page without its marks; other files as they are
plain() {
	case $1 in
	*.[1-8]) sed -E 's/^\.[A-Z]+ //; s/\\f.//g; s/\\-/-/g; s/"//g; s/  +/ /g' "$1" ;;
	*) cat "$1" ;;
	esac
}

# tags PAGE TITLE: what .TP explains in a section
tags() {
	awk -v title=".SH $2" '/^\.SH/ { on = $0 == title } on && tag { print $2 } { tag = $0 == ".TP" }' "$1"
}

# reasons KIND: the names of enum kvs_slow or kvs_drop
reasons() {
	tr -s '\n\t ' ' ' < lib/reason.c | grep -oE "\[KVS_$1_[A-Z0-9_]+\] = \{\"[a-z0-9_]+\"" | sed 's/.*{"//; s/"//'
}

slow_code() { reasons SLOW; }
slow_docs() { tags man/kvs.7 'SLOW REASONS'; }
drop_code() { reasons DROP; }
drop_docs() { tags man/kvs.7 'DROP REASONS'; }

# "METHOD /path", with NAME for a name in it
routes_code() { sed -nE 's|^[[:space:]]*\{"([A-Z]+)", "(/v1/[^"]*)".*|\1 \2|; T; s/\{\}/NAME/; p' kvsd/api.c; }
routes_docs() { sed -nE 's/^\| `([A-Z]+ [^`]*)` .*/\1/p' docs/api.md; }

# "kvs VERB SUBVERB"
verbs_code() { build/kvs --commands | awk '$1 != "-" { print "kvs " $1 ($2 == "-" ? "" : " " $2) }'; }
verbs_docs() {
	local subverbs
	subverbs=$(build/kvs --commands | awk '$2 != "-" { print $2 }' | sort -u | paste -sd '|')
	plain man/kvs.8 | grep -oE "^kvs [a-z]+( ($subverbs)\b)?"
}

kvs_options() { build/kvs --commands | grep -oE -e '--[a-z-]+'; }
kvsd_options() { build/kvsd --help | grep -oE -e '--[a-z-]+'; }
config_keys() {
	grep -oE '(CYAML_FIELD_[A-Z_]+|SWITCHED|LIST|TEXTS)\("?[a-z-]+"?,' lib/config_schema.c | sed 's/.*(//' | tr -d '",' |
		grep -vx key
}
maps() { grep -ohE 'kvs_[a-z_]+ (__weak )?SEC\("\.maps"\)' bpf/*.h | sed 's/ .*//'; }
pins() { sed -n '/map_names\[/,/^};/p' kvsd/load_maps.c | grep -oE '"kvs_[a-z_]+"' | tr -d '"'; }

# files that the documents link to, and those of them that exist
links_docs() {
	local f
	for f in *.md docs/*.md; do
		grep -oE '\]\([^):#]+\)' "$f" | tr -d ']()' | sed "s|^|${f%"${f##*/}"}|"
	done
}
links_code() { links_docs | while read -r f; do [ ! -e "$f" ] || echo "$f"; done; }

# one word: the example is a configuration that kvsd takes
example_code() { echo accepted; }
example_docs() { build/kvs check docs/kvs.yaml.example > /dev/null && echo accepted; }

same 'slow reasons are in kvs(7)' slow_code slow_docs
same 'drop reasons are in kvs(7)' drop_code drop_docs
same 'routes of the API are in docs/api.md' routes_code routes_docs
same 'verbs are in kvs(8)' verbs_code verbs_docs
all 'options of kvs are in kvs(8)' kvs_options man/kvs.8
all 'options of kvsd are in kvsd(8)' kvsd_options man/kvsd.8
all 'keys of kvs.yaml are in kvs.yaml(5)' config_keys man/kvs.yaml.5
all 'maps are in ARCHITECTURE.md' maps ARCHITECTURE.md
all 'pins are in ARCHITECTURE.md' pins ARCHITECTURE.md
all 'pins are in kvsd(8)' pins man/kvsd.8
same 'links lead to files' links_code links_docs
same 'docs/kvs.yaml.example is valid' example_code example_docs
echo "1..$TESTS"
exit "$FAILED"
