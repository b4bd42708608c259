/* edit.c - see edit.h. */
#include "base/util.h"

#include <math.h>

#include "base/strtab.h"
#include "model/carry.h"
#include "model/edit.h"
#include "model/gene_index.h"

/* ---- classes ---- */

/* Everything but classes, genes and numbers. */
static void copy_settings(struct model *to, const struct model *from)
{
	to->with_mean = from->with_mean;
	to->loss = from->loss;
	to->clip = from->clip;
	to->target_sum = from->target_sum;
	to->card.name = model_str(to, from->card.name);
	to->card.source = model_str(to, from->card.source);
	to->card.url = model_str(to, from->card.url);
	to->card.version = model_str(to, from->card.version);
	to->card.details = model_str(to, from->card.details);
	to->card.date = model_str(to, from->card.date);
	to->card.trained_on = model_str(to, from->card.trained_on);
	to->depth = depth_needs_copy(from->depth);
	if (!from->left_out)
		return;
	to->left_out = left_out_new(from->left_out->n);
	for (size_t i = 0; i < from->left_out->n; i++) {
		to->left_out->names[i] = model_str(to, from->left_out->names[i]);
		to->left_out->n_cells[i] = from->left_out->n_cells[i];
	}
}

static void copy_genes(struct model *to, const struct model *from)
{
	for (size_t g = 0; g < from->n_genes; g++)
		to->genes[g] = model_str(to, from->genes[g]);
	memcpy(to->mean, from->mean, from->n_genes * sizeof(*to->mean));
	memcpy(to->scale, from->scale, from->n_genes * sizeof(*to->scale));
}

struct model *model_subset(const struct model *m, const bool *keep, struct err *err)
{
	size_t n = 0, n_rows;
	struct model *to;

	for (size_t c = 0; c < m->n_classes; c++)
		n += keep[c];
	if (n < 2)
		return err_null(err, "%zu of %zu classes would be left: a model needs two or more",
				n, m->n_classes);
	n_rows = n == m->n_classes ? m->n_rows : n;
	to = model_new(n, n_rows, m->n_genes);
	copy_settings(to, m);
	copy_genes(to, m);
	if (m->cl_ids)
		MEM_ZERO(to->cl_ids, n);
	for (size_t c = 0, k = 0; c < m->n_classes; c++) {
		if (!keep[c])
			continue;
		to->classes[k] = model_str(to, m->classes[c]);
		if (m->cl_ids)
			to->cl_ids[k] = model_str(to, m->cl_ids[c]);
		if (k < n_rows && c < m->n_rows) {
			memcpy(to->coef + k * m->n_genes, m->coef + c * m->n_genes,
			       m->n_genes * sizeof(*to->coef));
			to->intercept[k] = m->intercept[c];
		}
		k++;
	}
	carry_classes(to, m, keep);
	return to;
}

/* ---- genes ---- */

/* One pair of the table whose old name the model has. */
struct pair {
	uint32_t gene; /* of the model */
	const char *name;
	size_t order;
};

struct pairs {
	struct pair *pairs;
	size_t n;
};

static size_t count_known(const struct gene_index *genes, const struct orthologs *t, int side)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += gene_index_find(genes, t->names[side][i]) != GENE_NONE;
	return n;
}

static int find_pairs(struct pairs *p, const struct gene_index *genes, const struct orthologs *t,
		      int from, struct err *err)
{
	MEM_ARRAY(p->pairs, t->n);
	for (size_t i = 0; i < t->n; i++) {
		uint32_t gene = gene_index_find(genes, t->names[from][i]);

		if (gene == GENE_REPEATED)
			return err_set(err,
				       "the model has gene '%s' twice: which of them is to be "
				       "converted is not known",
				       t->names[from][i]);
		if (gene != GENE_NONE)
			p->pairs[p->n++] = (struct pair){
				.gene = gene, .name = t->names[1 - from][i], .order = i};
	}
	return 0;
}

/* Leave out every pair whose name, on one side of the table, comes more than once. */
static void drop_repeated(struct pairs *p, const struct orthologs *t, int side)
{
	struct strtab names = {0};
	size_t *counts, kept = 0;

	MEM_ZERO(counts, p->n + 1);
	for (size_t i = 0; i < p->n; i++)
		counts[strtab_add(&names, t->names[side][p->pairs[i].order])]++;
	for (size_t i = 0; i < p->n; i++) {
		if (counts[strtab_find(&names, t->names[side][p->pairs[i].order])] == 1)
			p->pairs[kept++] = p->pairs[i];
	}
	p->n = kept;
	free(counts);
	strtab_release(&names);
}

static int by_name(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* New gene 'to' from the pairs p[0..n): their average; n is 1 but for CONVERT_AVERAGE. */
static void fill_gene(struct model *to, size_t gene, const struct model *m, const struct pair *p,
		      size_t n)
{
	uint32_t *old = mem_alloc(n, sizeof(*old));

	to->genes[gene] = model_str(to, p->name);
	for (size_t i = 0; i < n; i++) {
		old[i] = p[i].gene;
		to->mean[gene] += m->mean[p[i].gene] / (double)n;
		to->scale[gene] += m->scale[p[i].gene] / (double)n;
		for (size_t r = 0; r < m->n_rows; r++)
			to->coef[r * to->n_genes + gene] +=
				m->coef[r * m->n_genes + p[i].gene] / (double)n;
	}
	carry_gene(to, gene, m, old, n);
	free(old);
}

/* How many pairs from 'i' on have the same new name. */
static size_t same_name(const struct pairs *p, size_t i)
{
	size_t n = 1;

	while (i + n < p->n && str_eq(p->pairs[i + n].name, p->pairs[i].name))
		n++;
	return n;
}

static struct model *build_converted(const struct model *m, const struct pairs *p,
				     enum convert_how how)
{
	size_t n = 0, gene = 0;
	struct model *to;

	for (size_t i = 0; i < p->n; i += same_name(p, i))
		n++;
	to = model_new(m->n_classes, m->n_rows, n);
	copy_settings(to, m);
	for (size_t c = 0; c < m->n_classes; c++)
		to->classes[c] = model_str(to, m->classes[c]);
	if (m->cl_ids) {
		MEM_ZERO(to->cl_ids, m->n_classes);
		for (size_t c = 0; c < m->n_classes; c++)
			to->cl_ids[c] = model_str(to, m->cl_ids[c]);
	}
	memcpy(to->intercept, m->intercept, m->n_rows * sizeof(*to->intercept));
	carry_genes_start(to, m);
	for (size_t i = 0; i < p->n; i += same_name(p, i))
		fill_gene(to, gene++, m, p->pairs + i,
			  how == CONVERT_AVERAGE ? same_name(p, i) : 1);
	carry_genes_end(to, m);
	return to;
}

struct model *model_convert(const struct model *m, const struct orthologs *table, int from,
			    enum convert_how how, struct err *err)
{
	struct gene_index genes = gene_index_new(m);
	struct model *to = NULL;
	struct pairs p = {0};

	if (from < 0)
		from = count_known(&genes, table, 0) > count_known(&genes, table, 1) ? 0 : 1;
	if (find_pairs(&p, &genes, table, from, err))
		goto release_pairs;
	if (how == CONVERT_ONE_TO_ONE) {
		drop_repeated(&p, table, 0);
		drop_repeated(&p, table, 1);
	} else {
		qsort(p.pairs, p.n, sizeof(*p.pairs), by_name);
	}
	if (p.n)
		to = build_converted(m, &p, how);
	else
		err_set(err, "no gene of the model can be converted with this table");
release_pairs:
	gene_index_release(&genes);
	free(p.pairs);
	return to;
}

/* ---- markers ---- */

struct top_gene {
	double key;
	size_t gene;
};

static int by_falling_key(const void *a, const void *b)
{
	const struct top_gene *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	return (x->gene > y->gene) - (x->gene < y->gene);
}

size_t *model_markers(const struct model *m, size_t class, bool by_size)
{
	struct top_gene *markers;
	size_t *genes;

	MEM_ARRAY(markers, m->n_genes);
	MEM_ARRAY(genes, m->n_genes);
	for (size_t g = 0; g < m->n_genes; g++) {
		double coef = model_coef(m, class, g);

		markers[g] = (struct top_gene){.key = by_size ? fabs(coef) : coef, .gene = g};
	}
	qsort(markers, m->n_genes, sizeof(*markers), by_falling_key);
	for (size_t g = 0; g < m->n_genes; g++)
		genes[g] = markers[g].gene;
	free(markers);
	return genes;
}

int model_choose(const struct model *m, const char *const *names, size_t n, bool value,
		 bool *chosen, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t class = model_class(m, names[i]);
		const char *near =
			nearest_name(names[i], (const char *const *)m->classes, m->n_classes);

		if (class == SIZE_MAX)
			return err_set(err, "the model has no class '%s'%s%s%s", names[i],
				       near ? ", did you mean '" : "", near ? near : "",
				       near ? "'?" : "");
		chosen[class] = value;
	}
	return 0;
}
