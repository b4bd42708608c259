/* onto_table.c - see onto_table.h. */
#include "base/util.h"

#include "base/text.h"
#include "format/tsv.h"
#include "onto/onto_table.h"

static const char *const columns[] = {"id",      "label",    "exact",       "related",
				      "broad",   "narrow",   "parents",     "xrefs",
				      "subsets", "obsolete", "replaced_by", "consider"};
enum {
	ID,
	LABEL,
	EXACT,
	RELATED,
	BROAD,
	NARROW,
	PARENTS,
	XREFS,
	SUBSETS,
	OBSOLETE,
	REPLACED,
	CONSIDER,
	N_COLUMNS
};

int termtable_read(struct builder *b, const char *prefix, struct err *err)
{
	struct tsv *in = tsv_open(b->path, err);
	size_t at[N_COLUMNS];
	int got = -1;

	if (!in)
		return -1;
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (tsv_need(in, columns[i], &at[i], err))
			goto close;
	while ((got = tsv_next(in, err)) > 0) {
		struct onto_term *t;
		char **f = in->fields;

		if (prefix && !str_starts(f[at[ID]], prefix))
			continue;
		t = build_term(b, f[at[ID]], f[at[LABEL]], in->line, err);
		if (!t) {
			got = -1;
			break;
		}
		for (size_t i = 0; i < OBO_SCOPES; i++)
			t->synonyms[i] = build_split(b->o, f[at[EXACT + i]]);
		t->parent_ids = build_split(b->o, f[at[PARENTS]]);
		t->xrefs = build_split(b->o, f[at[XREFS]]);
		t->subsets = build_split(b->o, f[at[SUBSETS]]);
		t->obsolete = str_eq(f[at[OBSOLETE]], "1");
		t->replaced_by = build_split(b->o, f[at[REPLACED]]);
		t->consider = build_split(b->o, f[at[CONSIDER]]);
	}
	b->o->version = mem_str("");
close:
	tsv_close(in);
	return got;
}

static void put_list(struct tsv_writer *w, const struct onto_strings *s, struct text *joined)
{
	text_clear(joined);
	for (size_t i = 0; i < s->n; i++)
		text_add(joined, "%s%s", i ? "|" : "", s->items[i]);
	tsv_put(w, joined->s);
}

int onto_write(const struct onto *o, FILE *out, const char *path, struct err *err)
{
	struct tsv_writer w = {.file = out, .path = path};
	struct text joined = TEXT_INIT;

	for (size_t i = 0; i < N_COLUMNS; i++)
		tsv_put(&w, columns[i]);
	tsv_end_row(&w);
	for (size_t i = 0; i < o->n_terms; i++) {
		const struct onto_term *t = &o->terms[i];

		tsv_put(&w, t->id);
		tsv_put(&w, t->label);
		for (size_t s = 0; s < OBO_SCOPES; s++)
			put_list(&w, &t->synonyms[s], &joined);
		put_list(&w, &t->parent_ids, &joined);
		put_list(&w, &t->xrefs, &joined);
		put_list(&w, &t->subsets, &joined);
		tsv_put(&w, t->obsolete ? "1" : "0");
		put_list(&w, &t->replaced_by, &joined);
		put_list(&w, &t->consider, &joined);
		tsv_end_row(&w);
	}
	text_release(&joined);
	return tsv_writer_close(&w, err);
}
