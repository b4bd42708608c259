/* onto - damaged OBO files and tables of patterns, words and aliases, read in-process.
 *
 *	onto CASES SEED FILE... (one of them a small .obo)
 *
 * Most cases keep the form and damage the content, so that they get past the reader: lines
 * doubled, dropped, swapped or with another's value, words and fields replaced by what is hard
 * to handle (other ids, regular expressions, escapes, long runs). Every fourth has raw bytes
 * changed. Each is read as what its name says: .obo as an ontology; patterns*, words*, aliases*,
 * overrides* as that table of a matcher over a small ontology, which then answers a few labels. A
 * case is fine when it is read, or refused with one line. What breaks shows as a crash or a
 * sanitizer's report; too few cases read is a failure of the fuzzer.
 */
#include "base/util.h"

#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"
#include "onto/match/match.h"

#define MAX_INPUT ((size_t)64 << 10) /* the beginning of a large file is as good */

struct bytes {
	char *at;
	size_t n;
};

static struct bytes read_file(const char *path)
{
	struct bytes b = {.at = mem_alloc(MAX_INPUT * 2, 1)};
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		exit(2);
	}
	b.n = fread(b.at, 1, MAX_INPUT, f);
	fclose(f);
	return b;
}

static void change_bytes(struct bytes *b, struct rng *rng)
{
	static const char spice[] = "\t\n\r \"\\{}[]!:|()*+?\xff\xc3#";

	for (size_t n = 1 + rng_below(rng, 8); n; n--)
		b->at[rng_below(rng, b->n)] = rng_below(rng, 2)
						      ? spice[rng_below(rng, sizeof(spice) - 1)]
						      : (char)rng_below(rng, 256);
}

static void move_piece(struct bytes *b, struct rng *rng)
{
	size_t n = 1 + rng_below(rng, MIN(b->n, 400));

	memmove(b->at + rng_below(rng, b->n - n + 1), b->at + rng_below(rng, b->n - n + 1), n);
}

static void repeat_end(struct bytes *b, struct rng *rng)
{
	size_t n = 1 + rng_below(rng, MIN(b->n, 2000));

	memcpy(b->at + b->n, b->at + b->n - n, n);
	b->n += n;
}

static void damage_bytes(struct bytes *b, struct rng *rng)
{
	for (size_t n = 1 + rng_below(rng, 3); n && b->n; n--)
		switch (rng_below(rng, 4)) {
		case 0:
			move_piece(b, rng);
			break;
		case 1:
			b->n = 1 + rng_below(rng, b->n);
			break;
		case 2:
			if (b->n < MAX_INPUT)
				repeat_end(b, rng);
			break;
		default:
			change_bytes(b, rng);
		}
}

/* ---- damage that keeps the form ------------------------------------------------------------ */

#define MAX_LINES 2000

/* The lines of a file; each ends at its newline, which is not part of it. */
struct lines {
	struct piece {
		const char *at;
		size_t n;
	} list[MAX_LINES];
	size_t n;
};

static void split_lines(struct lines *l, const struct bytes *b)
{
	const char *s = b->at, *end = b->at + b->n;

	for (l->n = 0; s < end && l->n < MAX_LINES / 2; l->n++) {
		const char *e = memchr(s, '\n', (size_t)(end - s));

		e = e ? e : end;
		l->list[l->n] = (struct piece){s, (size_t)(e - s)};
		s = e + (e < end);
	}
}

static void drop_line(struct lines *l, size_t at)
{
	memmove(l->list + at, l->list + at + 1, (--l->n - at) * sizeof(*l->list));
}

static void double_line(struct lines *l, size_t from, size_t to)
{
	struct piece line = l->list[from];

	memmove(l->list + to + 1, l->list + to, (l->n++ - to) * sizeof(*l->list));
	l->list[to] = line;
}

/* What readers and the matcher find hard. Kept valid where most lines of a kind are. */
static const char *const hard[] = {"CL:0000010",
				   "CL:0000011",
				   "CL:0000012",
				   "CL:0000022",
				   "CL:0000000",
				   "-",
				   "",
				   " ",
				   "cell",
				   "T",
				   "CD4+ CD8- \xce\xb1\xce\xb2",
				   "\xe7\xbb\x86\xe8\x83\x9e",
				   "a\\nb \\\" c",
				   "(x|y)*z?",
				   "(?i)(?<n>a)\\k<n>",
				   "(((((((((a*)*)*)*)*)*)*)*)*)$",
				   "\\d{1,200}",
				   "[^a-z]+?(?!b)",
				   "T/B|T,B;T&B",
				   "(((:,|>",
				   "{sssom=\"x\"} ! cell",
				   "-like",
				   "1234567890123456789012345678901234567890",
				   "doublet",
				   "kidney",
				   "label",
				   "both",
				   "first",
				   "last"};

/* Field 'at' of a table's line; the whole line when it has fewer. */
static struct piece field_of(const struct piece *line, size_t at)
{
	const char *s = line->at, *end = line->at + line->n;

	for (; at; at--) {
		const char *tab = memchr(s, '\t', (size_t)(end - s));

		if (!tab)
			return *line;
		s = tab + 1;
	}
	const char *tab = memchr(s, '\t', (size_t)(end - s));

	return (struct piece){s, (size_t)((tab ? tab : end) - s)};
}

/* Put 'value' where 'old' is in the line. */
static void put_value(struct piece *line, struct piece old, const char *value, size_t len,
		      char *room, size_t cap)
{
	size_t before = (size_t)(old.at - line->at);
	int n = snprintf(room, cap, "%.*s%.*s%.*s", (int)before, line->at, (int)len, value,
			 (int)(line->n - before - old.n), old.at + old.n);

	*line = (struct piece){room, MIN((size_t)n, cap - 1)};
}

/* A hard value in the field of free text, and now and then elsewhere; or another line's. */
static void spoil_field(struct piece *line, const struct piece *other, size_t text_field,
			struct rng *rng, char *room, size_t cap)
{
	size_t at = rng_below(rng, 2) ? text_field : rng_below(rng, 4);
	const char *value = hard[rng_below(rng, ARRAY_LEN(hard))];
	struct piece theirs = field_of(other, at);

	if (at == text_field || rng_below(rng, 8) == 0)
		put_value(line, field_of(line, at), value, strlen(value), room, cap);
	else
		put_value(line, field_of(line, at), theirs.at, theirs.n, room, cap);
}

static bool begins(const struct piece *line, const char *s)
{
	return line->n >= strlen(s) && strncmp(line->at, s, strlen(s)) == 0;
}

/* A stanza has one id and one name: doubling or losing them ends the reading at once. */
static bool is_fixed(const struct piece *line, struct rng *rng)
{
	return (begins(line, "[") || begins(line, "id:") || begins(line, "name:")) &&
	       rng_below(rng, 16);
}

/* A hard value after a tag, before what is there or instead. */
static void spoil_tag(struct piece *line, struct rng *rng, char *room, size_t cap)
{
	const char *value = hard[rng_below(rng, ARRAY_LEN(hard))];
	const char *colon = memchr(line->at, ':', line->n);
	const char *from = colon ? colon + 1 : line->at;
	size_t rest = rng_below(rng, 3) && !begins(line, "synonym")
			      ? line->n - (size_t)(from - line->at)
			      : 0;

	put_value(line, (struct piece){from, rest}, value, strlen(value), room, cap);
}

/* One synonym more, with a hard text. */
static void add_synonym(struct piece *line, struct rng *rng, char *room, size_t cap)
{
	static const char *const scopes[] = {"EXACT",  "RELATED", "BROAD",
					     "NARROW", "",        "EXACT x:y"};
	const char *text = hard[rng_below(rng, ARRAY_LEN(hard))];
	int n = snprintf(room, cap, "synonym: \"%s %s\" %s []", strchr(text, '"') ? "x" : text,
			 rng_below(rng, 2) ? "cells" : "",
			 scopes[rng_below(rng, ARRAY_LEN(scopes))]);

	*line = (struct piece){room, MIN((size_t)n, cap - 1)};
}

#define MAX_CHANGES 6

static void damage_obo_line(struct lines *l, size_t at, size_t other, struct rng *rng, char *room)
{
	if (is_fixed(&l->list[at], rng) || is_fixed(&l->list[other], rng))
		return;
	switch (rng_below(rng, 5)) {
	case 0:
		drop_line(l, at);
		break;
	case 1:
		double_line(l, at, other);
		break;
	case 2:
		l->list[at] = l->list[other];
		break;
	case 3:
		add_synonym(&l->list[at], rng, room, MAX_INPUT);
		break;
	default:
		if (l->list[at].n)
			spoil_tag(&l->list[at], rng, room, MAX_INPUT);
	}
}

static void damage_row(struct lines *l, size_t at, size_t other, size_t text_field, struct rng *rng,
		       char *room)
{
	switch (rng_below(rng, 5)) {
	case 0:
		drop_line(l, at);
		break;
	case 1:
		double_line(l, at, other);
		break;
	default:
		spoil_field(&l->list[at], &l->list[other], text_field, rng, room, MAX_INPUT);
	}
}

static void damage_form(struct bytes *b, struct rng *rng, const char *name)
{
	static char rooms[MAX_CHANGES][MAX_INPUT];
	static struct lines l;
	struct bytes out = {.at = mem_alloc(MAX_INPUT * 2, 1)};
	bool is_obo = strstr(name, ".obo") != NULL;
	size_t first = !is_obo; /* a table keeps its header */

	split_lines(&l, b);
	for (size_t n = 1 + rng_below(rng, MAX_CHANGES); n && l.n > first + 1; n--) {
		size_t at = first + rng_below(rng, l.n - first);
		size_t other = first + rng_below(rng, l.n - first);

		if (is_obo)
			damage_obo_line(&l, at, other, rng, rooms[n - 1]);
		else
			damage_row(&l, at, other, str_starts(name, "aliases") ? 2 : 0, rng,
				   rooms[n - 1]);
	}
	for (size_t i = 0; i < l.n && out.n + l.list[i].n < MAX_INPUT; i++) {
		memcpy(out.at + out.n, l.list[i].at, l.list[i].n);
		out.n += l.list[i].n;
		out.at[out.n++] = '\n';
	}
	free(b->at);
	*b = out;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void ask(const struct matcher *m)
{
	static const char *const labels[] = {"CD8+ T cells (TEM)", "B/plasma_3", "Unknown", "",
					     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"};
	struct match found[3];

	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (!matcher_match(m, labels[i], "lung", found, 3))
			BUG("no answer at all for \"%s\"", labels[i]);
}

/* Read the case as what 'name' says it is. */
static int read_case(const char *name, const char *path, const char *obo, struct err *err)
{
	struct matcher_files files = {
		.ontology = obo, .words = "", .aliases = "", .patterns = "", .calibration = ""};
	bool is_obo = strstr(name, ".obo") != NULL;

	if (is_obo)
		files.ontology = path;
	else if (str_starts(name, "patterns"))
		files.patterns = path;
	else if (str_starts(name, "words"))
		files.words = path;
	else if (str_starts(name, "aliases"))
		files.aliases = path;
	else
		files.overrides = path;
	struct matcher *m = matcher_open(&files, err);

	if (m)
		ask(m);
	matcher_free(m);
	return m ? 0 : -1;
}

/* The ontology the damaged tables are read over: the first of the files that is one. */
static const char *first_obo(char **files)
{
	while (*files && !strstr(base_name(*files), ".obo"))
		files++;
	return *files;
}

int main(int argc, char **argv)
{
	size_t n_cases = argc > 3 ? strtoul(argv[1], NULL, 10) : 0, n_read = 0;
	struct rng rng = rng_seeded(argc > 3 ? strtoul(argv[2], NULL, 10) : 0);
	char path[] = "/tmp/onto-fuzz-XXXXXX";
	const char *obo = argc > 3 ? first_obo(argv + 3) : NULL;
	int fd = mkstemp(path);

	if (!obo || fd < 0) {
		fprintf(stderr, "usage: onto CASES SEED FILE..., one of them a small .obo\n");
		return 2;
	}
	for (size_t i = 0; i < n_cases; i++) {
		const char *from = argv[3 + i % (size_t)(argc - 3)];
		struct bytes b = read_file(from);
		struct err err = ERR_INIT;

		if (rng_below(&rng, 4))
			damage_form(&b, &rng, base_name(from));
		else
			damage_bytes(&b, &rng);
		if (ftruncate(fd, 0) || pwrite(fd, b.at, b.n, 0) != (ssize_t)b.n)
			BUG("cannot write %s", path);
		if (!read_case(base_name(from), path, obo, &err))
			n_read++;
		else if (!err_is_set(&err) || strchr(err.text, '\n'))
			BUG("case %zu of %s: refused without one line: \"%s\"", i, from, err.text);
		free(b.at);
	}
	close(fd);
	unlink(path);
	printf("onto: %zu cases, %zu read, the others refused with a reason\n", n_cases, n_read);
	if (n_cases >= 200 && n_read < n_cases / 2)
		BUG("only %zu of %zu cases got past the readers", n_read, n_cases);
	return 0;
}
