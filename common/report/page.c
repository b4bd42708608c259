/* page.c - see page.h. */
#include "base/util.h"

#include <ctype.h>
#include <stdarg.h>

#include "base/datadir.h"
#include "base/mem.h"
#include "base/text.h"
#include "report/page.h"

#define MAX_PART (1 << 20)

static char *read_part(const char *name, struct err *err)
{
	char *path = datadir_find(name, err);
	FILE *file = path ? fopen(path, "re") : NULL;
	struct text part = TEXT_INIT;
	bool whole = false;

	if (path && (!file || text_add_stream(&part, file, MAX_PART)))
		err_errno(err, "%s", path);
	else if (path && part.len > MAX_PART)
		err_set(err, "%s: larger than a megabyte", path);
	else
		whole = path;
	if (file)
		fclose(file);
	free(path);
	if (whole)
		return text_take(&part);
	text_release(&part);
	return NULL;
}

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
	"style-src 'unsafe-inline'; script-src 'nonce-pipette'\">\n"
	"<meta name=\"generator\" content=\"Pipette " PIPETTE_VERSION "\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n";

int page_begin(struct page *p, const char *title, struct err *err)
{
	char *style = read_part("workflows/report/report.css", err);

	p->script = style ? read_part("workflows/report/report.js", err) : NULL;
	if (!p->script) {
		free(style);
		return -1;
	}
	fputs(head, p->file);
	page_tag(p, "title", title);
	page_raw(p, "\n<style>\n%s</style>\n</head>\n<body>\n", style);
	free(style);
	return 0;
}

void page_end(struct page *p)
{
	page_raw(p, "<script nonce=\"pipette\">\n%s</script>\n</body>\n</html>\n", p->script);
	free(p->script);
	p->script = NULL;
}

void page_raw(struct page *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(p->file, format, args);
	va_end(args);
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void page_text(struct page *p, const char *text)
{
	while (*text) {
		size_t n = utf8_length(text);
		unsigned char c = (unsigned char)*text;

		bool control = (c < ' ' && c != '\t' && c != '\n') || c == 0x7f ||
			       (n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);

		if (n == 0 || control)
			fputs("\xef\xbf\xbd", p->file);
		else if (entity(*text))
			fputs(entity(*text), p->file);
		else
			fwrite(text, 1, n, p->file);
		text += n ? n : 1;
	}
}

void page_tag(struct page *p, const char *tag, const char *text)
{
	page_raw(p, "<%s>", tag);
	page_text(p, text);
	page_raw(p, "</%s>", tag);
}

void page_count(struct page *p, size_t n)
{
	char text[32];

	fputs(format_count(text, n), p->file);
}

void page_share(struct page *p, size_t n, size_t of)
{
	page_raw(p, "%.1f&nbsp;%%", of ? 100.0 * (double)n / (double)of : 0);
}

/* "CL:0000084": letters, a colon, digits. */
static bool is_term(const char *id)
{
	size_t letters = 0, digits = 0;

	while (isalpha((unsigned char)id[letters]))
		letters++;
	if (!letters || id[letters] != ':')
		return false;
	while (isdigit((unsigned char)id[letters + 1 + digits]))
		digits++;
	return digits && id[letters + 1 + digits] == '\0';
}

void page_term(struct page *p, const char *id)
{
	if (!is_term(id)) {
		page_text(p, id);
		return;
	}
	page_raw(p, "<a href=\"https://www.ebi.ac.uk/ols4/ontologies/");
	for (const char *c = id; *c != ':'; c++)
		fputc(tolower((unsigned char)*c), p->file);
	page_raw(p, "/classes?obo_id=%s\" rel=\"noreferrer\">%s</a>", id, id);
}

void page_section(struct page *p, int level, const char *id, const char *heading)
{
	page_raw(p, "<section%s%s%s>\n<h%d>", id ? " id=\"" : "", id ? id : "", id ? "\"" : "",
		 level);
	page_text(p, heading);
	page_raw(p, "</h%d>\n", level);
}

void page_section_end(struct page *p)
{
	page_raw(p, "</section>\n");
}

void page_table(struct page *p, const char *style, const char *label)
{
	page_raw(p,
		 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		 "<table class=\"%s\">",
		 label, style);
}

void page_table_end(struct page *p)
{
	page_raw(p, "</tbody></table></div>\n");
}

void page_base64(struct page *p, const unsigned char *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)bytes[i] << 16 |
			     (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
			     (left > 2 ? bytes[i + 2] : 0);

		fputc(digits[v >> 18], p->file);
		fputc(digits[v >> 12 & 63], p->file);
		fputc(left > 1 ? digits[v >> 6 & 63] : '=', p->file);
		fputc(left > 2 ? digits[v & 63] : '=', p->file);
	}
}
