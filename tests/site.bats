# The documentation site: built of awk and mandoc, without a dead link; its commands run.

load helper

TREE=$(realpath "$TESTS/..")

@test "the site is whole: a page a filter, every link leads somewhere" {
	command -v mandoc >/dev/null || skip 'no mandoc'
	"$TREE/docs/make-site" site >said
	grep -qE 'site: [0-9]+ pages' said
	for page in "$TREE"/tools/*.1; do
		[ -s "site/$(basename "$page" .1).html" ]
	done
	run grep -lE '\]\(|^```|\*\*[a-z]' site/*.html
	[ "$status" -ne 0 ] # Markdown that was not understood
	run grep '`' <(sed '/<pre/,/<\/pre>/d' site/index.html site/tour.html site/validation.html)
	[ "$status" -ne 0 ] # code that goes on in the next line
	run grep -lE '<pre>|^ *<table class="Bl-column">' site/*.html
	[ "$status" -ne 0 ] # wider than a phone, and not to be scrolled by keys
	cp -r "$TREE/docs" "$TREE"/*.md "$TREE/tools" .
	echo 'See [it](nowhere.md).' >>docs/tour.md
	fails 1 'tour.html: nowhere.html leads nowhere' docs/make-site other
}

@test "the commands on its pages run" {
	local page
	[ -x "$BIN/overcluster" ] && [ -x "$BIN/ref-map" ] || skip 'filters are left out'
	ln -s "$TREE/refs" refs
	for page in "$TREE"/docs/*.md; do
		awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$page" >commands.sh
		[ -s commands.sh ]
		bash -euo pipefail commands.sh >said 2>&1 || { echo "$page"; tail -n 5 said; return 1; }
	done
}
