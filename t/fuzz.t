#!/bin/sh
# Every fuzz target swallows its corpus.

src=${ANNEX_SRCDIR:-.}
build=${ANNEX_BUILDDIR:-.}

set -- "$src"/t/fuzz/*.c
echo "1..$(($# - 1))"
n=0
for file; do
	name=$(basename "$file" .c)
	[ "$name" != replay ] || continue
	n=$((n + 1))
	if [ -z "$(ls "$src/t/fuzz/corpus/$name" 2>/dev/null)" ]; then
		echo "not ok $n - $name has a corpus"
	elif "$build/t/fuzz/$name" "$src/t/fuzz/corpus/$name"/* >&2; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
	fi
done
