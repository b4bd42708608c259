/* advice.c - see advice.h. */
#include "base/util.h"

#include <ctype.h>

#include "model/gene_index.h"
#include "model/predict/advice.h"

#define MUCH_MORE 2 /* times as many genes by another name: that is what is wrong */

static size_t count_column(const struct gene_index *genes, const struct column *c)
{
	struct text scratch = TEXT_INIT;
	size_t n = 0;

	for (size_t row = 0; row < c->n; row++)
		n += gene_index_find(genes, column_text(c, row, &scratch)) != GENE_NONE;
	text_release(&scratch);
	return n;
}

/* The column of var that has most of the model's genes, and how many. */
static const char *best_column(const struct gene_index *genes, struct frame *var, size_t *most)
{
	const char *best = NULL;

	for (size_t i = 0; i < var->n_columns; i++) {
		struct err unread = ERR_INIT;
		const struct column *c = frame_column_at(var, i, &unread);
		size_t n = 0;

		if (c && (c->kind == COLUMN_STRING || c->kind == COLUMN_CATEGORY))
			n = count_column(genes, c);
		if (n > *most) {
			*most = n;
			best = c->name;
		}
	}
	return best;
}

static void in_lower_case(const char *name, struct text *text)
{
	text_clear(text);
	for (const char *s = name; *s; s++)
		text_add_char(text, (char)tolower((unsigned char)*s));
}

static size_t count_without_case(const struct model *m, const struct input *in)
{
	struct strtab known = {0};
	struct text name = TEXT_INIT;
	size_t n = 0;

	for (size_t g = 0; g < m->n_genes; g++) {
		in_lower_case(m->genes[g], &name);
		strtab_add(&known, name.s);
	}
	for (size_t g = 0; g < in->n_genes; g++) {
		in_lower_case(in->genes[g], &name);
		n += strtab_find(&known, name.s) != STRTAB_NONE;
	}
	text_release(&name);
	strtab_release(&known);
	return n;
}

static size_t count_as_they_are(const struct gene_index *genes, const struct input *in)
{
	size_t n = 0;

	for (size_t g = 0; g < in->n_genes; g++)
		n += gene_index_find(genes, in->genes[g]) != GENE_NONE;
	return n;
}

const char *advice_on_genes(const struct model *m, const struct input *in, struct text *scratch)
{
	struct gene_index genes = gene_index_new(m);
	size_t now = count_as_they_are(&genes, in), most = now * MUCH_MORE, n;
	struct frame *var = h5ad_slot_var(in->file, in->slot);
	const char *column = best_column(&genes, var, &most);

	text_clear(scratch);
	if (column)
		text_add(scratch, "var column %s has %zu of them: gene-normalize --column %s",
			 column, most, column);
	else if ((n = count_without_case(m, in)) > now * MUCH_MORE)
		text_add(scratch,
			 "%zu match but for upper and lower case: another species? lr-model "
			 "convert makes a model of mouse genes from one of human genes, "
			 "and back",
			 n);
	else
		text_add(scratch, "another species, ids instead of symbols? gene-normalize and "
				  "lr-model convert change names");
	gene_index_release(&genes);
	return scratch->s;
}
