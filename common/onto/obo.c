/* obo.c - see obo.h. */
#include "base/util.h"

#include "base/fd.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/unpacked.h"
#include "onto/obo.h"

#define LINE_LIMIT ((size_t)16 << 20)

struct obo {
	gzFile gz;
	char *path;
	char version[200];
	struct text line;
	size_t n_lines;
	bool at_end;
	bool in_term;       /* the header line of a [Term] has been read */
	size_t stanza;      /* its line */
	struct arena arena; /* strings of the current term */
	struct obo_list lists[OBO_SCOPES + 8];
};

struct obo *obo_open(const char *path, struct err *err)
{
	struct obo *in;
	gzFile gz = gzopen(path, "rb");

	if (!gz) {
		err_errno(err, "%s", path);
		return NULL;
	}
	gzbuffer(gz, (unsigned)file_room(path, 1 << 17));
	MEM_ZERO(in, 1);
	in->gz = gz;
	in->path = mem_str(path);
	in->line = (struct text)TEXT_INIT;
	return in;
}

void obo_close(struct obo *in)
{
	if (!in)
		return;
	gzclose_r(in->gz);
	for (size_t i = 0; i < ARRAY_LEN(in->lists); i++)
		free(in->lists[i].items);
	arena_release(&in->arena);
	text_release(&in->line);
	free(in->path);
	free(in);
}

const char *obo_version(const struct obo *in)
{
	return in->version;
}

static int complain(struct obo *in, struct err *err, const char *what)
{
	return err_set(err, "%s: line %zu: %s", in->path, in->n_lines, what);
}

/* One physical line without its end. 1, 0, -1. */
static int read_line(struct obo *in, struct err *err)
{
	char part[8192];

	for (;;) {
		if (!gzgets(in->gz, part, sizeof(part)))
			break;
		size_t len = strlen(part);
		bool whole = len && part[len - 1] == '\n';

		if (len == 0 || (!whole && len < sizeof(part) - 1 && !gzeof(in->gz)))
			return err_set(err, "%s: line %zu: a NUL byte (not a text file?)", in->path,
				       in->n_lines + 1);
		text_add_bytes(&in->line, part, len - whole);
		if (in->line.len > LINE_LIMIT)
			return err_set(err, "%s: line %zu: the line is longer than 16 MB", in->path,
				       in->n_lines + 1);
		if (whole) {
			in->n_lines++;
			return 1;
		}
	}
	if (gz_whole(in->gz, in->path, err))
		return -1;
	if (in->line.len)
		in->n_lines++;
	return in->line.len ? 1 : 0;
}

/* The next logical line: a backslash at the end of a line continues it. */
static int next_line(struct obo *in, struct err *err)
{
	int got;

	text_clear(&in->line);
	for (;;) {
		size_t before = in->line.len;

		got = read_line(in, err);
		if (got <= 0)
			return got < 0 ? -1 : before > 0;
		while (in->line.len && in->line.s[in->line.len - 1] == '\r')
			in->line.s[--in->line.len] = '\0';
		if (!in->line.len || in->line.s[in->line.len - 1] != '\\')
			break;
		in->line.s[--in->line.len] = '\0';
	}
	if (!utf8_valid(in->line.s, in->line.len))
		return complain(in, err, "not UTF-8");
	return 1;
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
	case 't':
	case 'W':
		return ' '; /* a fact is one line of a table */
	default:
		return c;
	}
}

/*
 * Copy a value up to an unescaped stop, unescaping. 'stop' is '"' for quoted strings, or 0 for
 * bare values, which end at " !" or " {". Returns where it stopped, NULL when a quote never closes.
 */
static const char *copy_value(struct obo *in, const char *s, char stop, char **out)
{
	char *o = arena_alloc(&in->arena, strlen(s) + 1);
	size_t n = 0;

	for (; *s; s++) {
		if (stop ? *s == stop : (*s == '!' || *s == '{') && (n == 0 || o[n - 1] == ' '))
			break;
		if (*s == '\\' && s[1])
			o[n++] = unescape(*++s);
		else
			o[n++] = *s == '\t' ? ' ' : *s;
	}
	if (stop && *s != stop)
		return NULL;
	while (!stop && n && o[n - 1] == ' ')
		n--;
	o[n] = '\0';
	*out = o;
	return *s ? s + 1 : s;
}

static void list_add(struct obo_list *list, char *item)
{
	MEM_GROW(list->items, list->n + 1, list->cap);
	list->items[list->n++] = item;
}

/* synonym: "text" SCOPE [TYPE] [xrefs] {modifiers} */
static int add_synonym(struct obo *in, struct obo_term *term, const char *value, struct err *err)
{
	static const char *const scopes[] = {"EXACT", "RELATED", "BROAD", "NARROW"};
	enum obo_scope scope = OBO_RELATED; /* the default of both formats */
	char *text;

	if (*value != '"')
		return complain(in, err, "a synonym without its opening quote");
	value = copy_value(in, value + 1, '"', &text);
	if (!value)
		return complain(in, err, "a synonym without its closing quote");
	value += strspn(value, " ");
	size_t len = strcspn(value, " [{");
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (len == strlen(scopes[i]) && strncmp(value, scopes[i], len) == 0)
			scope = (enum obo_scope)i;
	if (*text)
		list_add(&term->synonyms[scope], text);
	return 0;
}

static struct obo_list *plain_list(struct obo_term *term, const char *tag)
{
	if (str_eq(tag, "is_a"))
		return &term->is_a;
	if (str_eq(tag, "alt_id"))
		return &term->alt_id;
	if (str_eq(tag, "xref"))
		return &term->xref;
	if (str_eq(tag, "subset"))
		return &term->subset;
	if (str_eq(tag, "replaced_by"))
		return &term->replaced_by;
	if (str_eq(tag, "consider"))
		return &term->consider;
	if (str_eq(tag, "relationship"))
		return &term->relationships;
	if (str_eq(tag, "namespace"))
		return &term->namespaces;
	return NULL;
}

static int add_tag(struct obo *in, struct obo_term *term, const char *tag, const char *value,
		   struct err *err)
{
	struct obo_list *list = plain_list(term, tag);
	char *bare;

	if (str_eq(tag, "synonym"))
		return add_synonym(in, term, value, err);
	if (!list && !str_eq(tag, "id") && !str_eq(tag, "name") && !str_eq(tag, "is_obsolete"))
		return 0;
	copy_value(in, value, 0, &bare);
	if (list) {
		/* An xref may carry a quoted description after its id. */
		if (list == &term->xref && strstr(bare, " \""))
			*strstr(bare, " \"") = '\0';
		if (*bare)
			list_add(list, bare);
	} else if (str_eq(tag, "is_obsolete")) {
		term->obsolete = str_eq(bare, "true");
	} else {
		const char **field = *tag == 'i' ? &term->id : &term->name;

		if (*field)
			return complain(in, err,
					*tag == 'i' ? "a second id in one stanza"
						    : "a second name in one stanza");
		if (*tag == 'i' && (!*bare || strchr(bare, ' ')))
			return complain(in, err, "an empty id, or one with a space in it");
		*field = bare;
	}
	return 0;
}

/* Split "tag: value". */
static int split_tag(struct obo *in, char **value, struct err *err)
{
	char *colon = strchr(in->line.s, ':');

	if (!colon || memchr(in->line.s, ' ', (size_t)(colon - in->line.s)))
		return complain(in, err, "expected 'tag: value' or a [Stanza]");
	*colon = '\0';
	*value = colon + 1 + strspn(colon + 1, " ");
	return 0;
}

static bool is_blank(const char *s)
{
	s += strspn(s, " \t");
	return !*s || *s == '!';
}

static void clear_term(struct obo *in, struct obo_term *term)
{
	arena_release(&in->arena);
	memset(term, 0, sizeof(*term));
	for (size_t i = 0; i < OBO_SCOPES; i++)
		term->synonyms[i] = in->lists[i];
	struct obo_list *rest[] = {&term->is_a,          &term->alt_id,      &term->xref,
				   &term->subset,        &term->replaced_by, &term->consider,
				   &term->relationships, &term->namespaces};
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		*rest[i] = in->lists[OBO_SCOPES + i];
	for (size_t i = 0; i < OBO_SCOPES; i++)
		term->synonyms[i].n = 0;
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		rest[i]->n = 0;
}

/* The arrays belong to the reader; the term only borrows them. */
static void keep_lists(struct obo *in, const struct obo_term *term)
{
	const struct obo_list *rest[] = {&term->is_a,          &term->alt_id,      &term->xref,
					 &term->subset,        &term->replaced_by, &term->consider,
					 &term->relationships, &term->namespaces};

	for (size_t i = 0; i < OBO_SCOPES; i++)
		in->lists[i] = term->synonyms[i];
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		in->lists[OBO_SCOPES + i] = *rest[i];
}

static int finish_term(struct obo *in, struct obo_term *term, struct err *err)
{
	term->line = in->stanza;
	if (!term->id)
		return err_set(err, "%s: line %zu: a [Term] without an id", in->path, in->stanza);
	if (!term->name)
		term->name = "";
	return 1;
}

/* A "[Stanza]" line: is it a term? */
static int enter_stanza(struct obo *in, struct err *err)
{
	char *close = strchr(in->line.s, ']');

	if (!close || !is_blank(close + 1))
		return complain(in, err, "a stanza header that does not close");
	in->in_term = str_starts(in->line.s, "[Term]");
	in->stanza = in->n_lines;
	return 0;
}

static int read_term(struct obo *in, struct obo_term *term, struct err *err)
{
	bool begun = in->in_term;
	char *value = NULL;
	int got;

	while ((got = next_line(in, err)) > 0) {
		if (is_blank(in->line.s))
			continue;
		if (in->line.s[0] == '[') {
			if (begun) {
				int done = finish_term(in, term, err);

				return enter_stanza(in, err) ? -1 : done;
			}
			if (enter_stanza(in, err))
				return -1;
			begun = in->in_term;
			continue;
		}
		if (split_tag(in, &value, err))
			return -1;
		if (!in->stanza && str_eq(in->line.s, "data-version"))
			snprintf(in->version, sizeof(in->version), "%s", value);
		if (begun && add_tag(in, term, in->line.s, value, err))
			return -1;
	}
	if (got < 0)
		return -1;
	in->at_end = true;
	return begun ? finish_term(in, term, err) : 0;
}

int obo_next(struct obo *in, struct obo_term *term, struct err *err)
{
	int got;

	clear_term(in, term);
	if (in->at_end)
		return 0;
	got = read_term(in, term, err);
	keep_lists(in, term);
	return got;
}
