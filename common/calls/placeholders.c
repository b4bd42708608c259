/* placeholders.c - see placeholders.h. */
#include "base/util.h"

#include <ctype.h>

#include "base/datadir.h"
#include "base/strtab.h"
#include "base/text.h"
#include "calls/placeholders.h"
#include "format/lines.h"

struct placeholders {
	struct strtab words; /* folded */
	struct strtab kept;  /* as they are */
};

/* Letters in lower case and figures, but for those at the end of a word. */
static void fold(const char *label, struct text *out)
{
	text_clear(out);
	for (const char *s = label; *s; s++)
		if (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
			text_add_char(out, (char)tolower((unsigned char)*s));
	while (out->len > 1 && isdigit((unsigned char)out->s[out->len - 1]) &&
	       !isdigit((unsigned char)out->s[0]))
		out->s[--out->len] = '\0';
}

/* A file: one label a line, "#" begins a comment line. */
static struct placeholders *read_file(const char *path, struct err *err)
{
	struct placeholders *p = mem_zero(1, sizeof(*p));
	struct lines *in = lines_open(path, err);
	struct text word = TEXT_INIT;
	int got = -1;

	while (in && (got = lines_next(in, err)) > 0) {
		fold(in->text, &word);
		if (in->text[0] != '#' && word.len)
			strtab_add(&p->words, word.s);
	}
	lines_close(in);
	text_release(&word);
	if (!got)
		return p;
	placeholders_free(p);
	return NULL;
}

void placeholders_free(struct placeholders *p)
{
	if (!p)
		return;
	strtab_release(&p->words);
	strtab_release(&p->kept);
	free(p);
}

static void keep(struct placeholders *p, const char *label)
{
	strtab_add(&p->kept, label);
}

bool placeholders_has(const struct placeholders *p, const char *label)
{
	struct text word = TEXT_INIT;
	bool has;

	if (!p || !*label || strtab_find(&p->kept, label) != STRTAB_NONE)
		return false;
	fold(label, &word);
	has = !word.len || strtab_find(&p->words, word.s) != STRTAB_NONE;
	text_release(&word);
	return has;
}

struct placeholders *placeholders_but(const char *const *kept, size_t n, struct err *err)
{
	char *path = datadir_find(PLACEHOLDERS_FILE, err);
	struct placeholders *p = path ? read_file(path, err) : NULL;

	for (size_t i = 0; p && i < n; i++)
		keep(p, kept[i]);
	free(path);
	return p;
}
