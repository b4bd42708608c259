/* heights.c - see heights.h. */
#include "base/util.h"

#include "model/predict/heights.h"

/* The order of the model: from coarse to fine. */
static int level_order(const struct model *m, const char *name)
{
	for (size_t i = 0; m->levels && i < m->levels->n; i++)
		if (str_eq(m->levels->names[i], name))
			return (int)i;
	return -1;
}

static int open_levels(struct heights *h, const struct predictor_rules *r, struct err *err)
{
	int last = -1;

	for (size_t i = 0; i < r->n_levels; i++) {
		int order = level_order(h->model, r->levels[i]);

		if (level_of_model(&h->levels[h->n_levels], h->model, r->levels[i], err))
			return -1;
		h->n_levels++;
		if (order <= last)
			return err_set(err,
				       "level %s is not finer than the one before it: from "
				       "coarse to fine",
				       r->levels[i]);
		last = order;
	}
	return 0;
}

int heights_open(struct heights *h, const struct model *m, const struct predictor_rules *r,
		 struct err *err)
{
	*h = (struct heights){.model = m};
	MEM_ZERO(h->levels, r->n_levels + 1);
	if (open_levels(h, r, err))
		return -1;
	h->n_nested = h->n_levels;
	if (r->slim) {
		if (level_of_slim(&h->levels[h->n_levels], m, r->onto, r->slim, err))
			return -1;
		h->n_levels++;
	}
	if (!r->climb)
		return 0;
	if (m->levels)
		h->lineage = lineage_of_levels(m);
	else if (m->cl_ids && r->onto && !(h->lineage = lineage_of_terms(m, r->onto, err)))
		return -1;
	return 0;
}

void heights_close(struct heights *h)
{
	lineage_free(h->lineage);
	for (size_t i = 0; h->levels && i < h->n_levels; i++)
		level_release(&h->levels[i]);
	free(h->levels);
	*h = (struct heights){.levels = NULL};
}

void heights_put_header(const struct heights *h, struct tsv_writer *w)
{
	struct text name = TEXT_INIT;

	for (size_t i = 0; i < h->n_levels; i++) {
		text_clear(&name);
		text_add(&name, "label_%s", h->levels[i].name);
		tsv_put(w, name.s);
		text_clear(&name);
		text_add(&name, "prob_%s", h->levels[i].name);
		tsv_put(w, name.s);
	}
	if (h->lineage)
		tsv_put(w, "above");
	text_release(&name);
}

static void put_levels(const struct heights *h, const double *p, struct tsv_writer *w)
{
	size_t n = h->n_levels;
	bool *open = mem_alloc(h->model->n_classes, sizeof(*open));
	uint32_t *groups = mem_zero(n, sizeof(*groups));
	double *sums = mem_alloc(n, sizeof(*sums));

	levels_answer(h->levels, h->n_nested, p, open, groups, sums);
	levels_answer(h->levels + h->n_nested, n - h->n_nested, p, open, groups + h->n_nested,
		      sums + h->n_nested);
	for (size_t i = 0; i < n; i++) {
		tsv_put(w, h->levels[i].labels[groups[i]]);
		tsv_put_float(w, sums[i]);
	}
	free(open);
	free(groups);
	free(sums);
}

static void put_above(const struct lineage *l, const double *p, size_t called, struct tsv_writer *w)
{
	struct text above = TEXT_INIT;

	for (size_t i = 0; i < l->n_above[called]; i++) {
		const struct lineage_term *t = &l->terms[l->above[called][i]];
		char sum[32];

		format_float(sum, lineage_sum(t, p));
		text_add(&above, "%s%s %s %s", i ? "|" : "", sum, *t->id ? t->id : "-", t->label);
	}
	tsv_put(w, above.len ? above.s : "");
	text_release(&above);
}

void heights_put(const struct heights *h, const double *p, size_t called, struct tsv_writer *w)
{
	if (h->n_levels)
		put_levels(h, p, w);
	if (h->lineage)
		put_above(h->lineage, p, called, w);
}
