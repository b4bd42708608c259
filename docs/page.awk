# page.awk: the little Markdown that README.md and docs/*.md are written in, as HTML. Headings, paragraphs,
# lists, tables, code (fenced or indented), links, pictures on a line of their own, `code`, **strong**; in links .md
# becomes .html.
function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }
function inline(s,    out, at, m, word, to) {
	out = ""
	while (match(s, /`[^`]+`|\*\*[^*]+\*\*|\[[^]]+\]\([^)]+\)/)) {
		out = out escaped(substr(s, 1, RSTART - 1))
		m = substr(s, RSTART, RLENGTH)
		s = substr(s, RSTART + RLENGTH)
		if (m ~ /^`/) out = out "<code>" escaped(substr(m, 2, length(m) - 2)) "</code>"
		else if (m ~ /^\*/) out = out "<strong>" inline(substr(m, 3, length(m) - 4)) "</strong>"
		else {
			at = index(m, "](")
			word = substr(m, 2, at - 2)
			to = substr(m, at + 2, length(m) - at - 2)
			sub(/\.md$/, ".html", to)
			if (to == "README.html") to = "index.html"
			if (to ~ /^ontology\//) { out = out inline(word); continue }
			out = out "<a href=\"" to "\">" inline(word) "</a>"
		}
	}
	return out escaped(s)
}
function flush() { if (text != "") print inline(text); text = "" } # what may go on in the next line: `code` does
function close_open() {
	flush()
	if (block == "p") print "</p>"
	if (block == "ul" || block == "ol") print "</li></" block ">"
	if (block == "table") print "</tbody></table></div>"
	if (block == "code") print "</pre>"
	block = ""
}
function word_id(s) { s = tolower(s); gsub(/[^a-z0-9]+/, "-", s); gsub(/^-|-$/, "", s); return s }
fenced { if (/^```/) { fenced = 0; print "</pre>" } else print escaped($0); next }
/^```/ { close_open(); fenced = 1; print "<pre tabindex=\"0\">"; next }
/^(    |\t)/ && block != "ul" && block != "ol" {
	if (block != "code") { close_open(); block = "code"; print "<pre tabindex=\"0\">"; held = "" }
	printf "%s", held
	held = ""
	sub(/^(    |\t)/, ""); print escaped($0); next
}
/^[ \t]*$/ { if (block == "code") { held = held "\n"; next } if (block != "ul" && block != "ol") close_open(); else blank = 1; next }
/^!\[[^]]*\]\([^)]+\)$/ {
	close_open()
	at = index($0, "](")
	alt = substr($0, 3, at - 3); to = substr($0, at + 2, length($0) - at - 2)
	gsub(/"/, "\\&quot;", alt)
	print "<p class=\"picture\"><img loading=\"lazy\" src=\"" to "\" alt=\"" alt "\"></p>"
	next
}
/^#+ / {
	close_open()
	n = match($0, /[^#]/) - 1
	title = substr($0, n + 2)
	print "<h" n " id=\"" word_id(title) "\">" inline(title) "</h" n ">"
	next
}
/^\|/ {
	if (/^\|[-| :]+\|$/) next
	row = $0; gsub(/\\\|/, "\001", row)
	sub(/^\| */, "", row); sub(/ *\|$/, "", row)
	n = split(row, cell, / *\| */)
	if (block != "table") {
		close_open(); block = "table"
		printf "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>"
		for (i = 1; i <= n; i++) printf cell[i] == "" ? "<td>%s</td>" : "<th>%s</th>", inline(cell[i])
		print "</tr></thead><tbody>"
		next
	}
	printf "<tr>"
	for (i = 1; i <= n; i++) { gsub(/\001/, "|", cell[i]); printf "<td>%s</td>", inline(cell[i]) }
	print "</tr>"
	next
}
/^([-*]|[0-9]+\.) / {
	kind = /^[0-9]/ ? "ol" : "ul"
	if (block != kind) { close_open(); block = kind; print "<" kind "><li>" } else { flush(); print "</li><li>" }
	sub(/^([-*]|[0-9]+\.) /, ""); text = $0; blank = 0; next
}
{
	if ((block == "ul" || block == "ol") && (blank && !/^ /)) close_open()
	if (block == "code" || block == "table") close_open()
	if (block == "") { block = "p"; print "<p>" }
	blank = 0
	text = text == "" ? $0 : text "\n" $0
}
END { close_open() }
