/* describe.c - see describe.h. */
#include "base/util.h"

#include <math.h>

#include "base/outfile.h"
#include "base/strtab.h"
#include "base/text.h"
#include "model/describe.h"
#include "model/edit.h"
#include "model/gene_index.h"

static void put_number(FILE *out, double value)
{
	char number[32];

	format_float(number, value);
	fprintf(out, "\t%s", number);
}

static void put_exact(FILE *out, double value)
{
	char number[32];

	format_double(number, value);
	fprintf(out, "\t%s", number);
}

/* ---- one model ---- */

/* "a, b", "a, b, c" or "a, b, ..., z", as CellTypist shortens lists. */
static void put_short_list(FILE *out, const char *what, char *const *names, size_t n, size_t whole)
{
	fprintf(out, "    %s: ", what);
	for (size_t i = 0; i < MIN(n, n <= whole ? n : 2); i++)
		fprintf(out, "%s%s", i ? ", " : "", names[i]);
	if (n > whole)
		fprintf(out, ", ..., %s", names[n - 1]);
	fputc('\n', out);
}

static void put_field(FILE *out, const char *what, const char *value)
{
	if (*value)
		fprintf(out, "    %s: %s\n", what, value);
}

static void put_left_out(const struct model *m, FILE *out)
{
	struct text types = TEXT_INIT;

	left_out_text(m->left_out, &types);
	put_field(out, "left out for want of cells", types.s);
	text_release(&types);
}

void describe_lacks(const struct model *m, struct text *text)
{
	const char *const names[] = {m->factors ? NULL : "factors",
				     m->calibration ? NULL : "calibration",
				     m->landmarks ? NULL : "landmarks"};

	text_clear(text);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i])
			text_add(text, "%s%s", text->len ? ", " : "", names[i]);
}

/* What the model has beside its weights, and what it lacks. */
static void put_annexes(const struct model *m, FILE *out)
{
	struct text words = TEXT_INIT;

	if (m->factors)
		fprintf(out, "    factors: %zu\n", m->factors->n);
	if (m->calibration)
		fprintf(out, "    calibrated on: %.0f cells\n", m->calibration->n_cells);
	if (m->landmarks)
		fprintf(out, "    landmarks: %zu cells, %zu axes\n", m->landmarks->n,
			m->landmarks->n_axes);
	if (m->levels)
		put_short_list(out, "levels", m->levels->names, m->levels->n, 10);
	describe_lacks(m, &words);
	put_field(out, "lacks", words.s);
	text_release(&words);
}

void describe_model(const struct model *m, FILE *out)
{
	fprintf(out, "CellTypist model with %zu cell types and %zu features\n", m->n_classes,
		m->n_genes);
	put_field(out, "date", m->card.date);
	put_field(out, "details", m->card.details);
	put_field(out, "source", m->card.source);
	put_field(out, "version", m->card.version);
	put_short_list(out, "cell types", m->classes, m->n_classes, 3);
	put_short_list(out, "features", m->genes, m->n_genes, 2);
	put_field(out, "name", m->card.name);
	put_field(out, "url", m->card.url);
	fprintf(out, "    loss: %s\n    centred: %s\n    clip: %g\n    target sum: %g\n",
		model_loss_name(m->loss), m->with_mean ? "yes" : "no", m->clip, m->target_sum);
	put_annexes(m, out);
	put_left_out(m, out);
	put_field(out, "trained on", m->card.trained_on);
}

void describe_classes(const struct model *m, FILE *out)
{
	fputs(m->cl_ids ? "label\tid\n" : "label\n", out);
	for (size_t c = 0; c < m->n_classes; c++) {
		fputs(m->classes[c], out);
		if (m->cl_ids)
			fprintf(out, "\t%s", m->cl_ids[c]);
		fputc('\n', out);
	}
}

void describe_genes(const struct model *m, FILE *out)
{
	fputs("gene\tmean\tscale\n", out);
	for (size_t g = 0; g < m->n_genes; g++) {
		fputs(m->genes[g], out);
		put_number(out, m->mean[g]);
		put_number(out, m->scale[g]);
		fputc('\n', out);
	}
}

void describe_markers(const struct model *m, size_t class, size_t top, bool by_size, FILE *out)
{
	size_t *genes = model_markers(m, class, by_size);

	for (size_t i = 0; i < MIN(top, m->n_genes); i++) {
		fprintf(out, "%s\t%zu\t%s", m->classes[class], i + 1, m->genes[genes[i]]);
		put_number(out, model_coef(m, class, genes[i]));
		fputc('\n', out);
	}
	free(genes);
}

int describe_coefficients(const struct model *m, const char *path, struct err *err)
{
	struct outfile *out = outfile_open(path, err);
	FILE *file = out ? outfile_stream(out) : NULL;

	if (!out)
		return -1;
	fputs("gene\tmean\tscale", file);
	for (size_t c = 0; c < m->n_classes; c++)
		fprintf(file, "\t%s", m->classes[c]);
	for (size_t g = 0; g < m->n_genes; g++) {
		fprintf(file, "\n%s", m->genes[g]);
		put_exact(file, m->mean[g]);
		put_exact(file, m->scale[g]);
		for (size_t c = 0; c < m->n_classes; c++)
			put_exact(file, model_coef(m, c, g));
	}
	fputs("\n(Intercept)\t0\t1", file);
	for (size_t c = 0; c < m->n_classes; c++)
		put_exact(file, m->n_rows == m->n_classes ? m->intercept[c]
				: c                       ? m->intercept[0]
							  : -m->intercept[0]);
	fputc('\n', file);
	return outfile_commit(out, err);
}

/* ---- two models ---- */

static void put_only(FILE *out, const char *what, char *const *names, size_t n,
		     char *const *other_names, size_t n_other, bool first)
{
	struct strtab others = {0};

	for (size_t i = 0; i < n_other; i++)
		strtab_add(&others, other_names[i]);
	for (size_t i = 0; i < n; i++) {
		if (strtab_find(&others, names[i]) == STRTAB_NONE)
			fprintf(out, "%s\t%s\t%s\t%s\n", what, names[i], first ? "yes" : "",
				first ? "" : "yes");
	}
	strtab_release(&others);
}

static void put_setting(FILE *out, const char *name, const char *a, const char *b)
{
	if (!str_eq(a, b))
		fprintf(out, "setting\t%s\t%s\t%s\n", name, a, b);
}

static void put_setting_number(FILE *out, const char *name, double a, double b)
{
	if (a == b)
		return;
	fprintf(out, "setting\t%s", name);
	put_number(out, a);
	put_number(out, b);
	fputc('\n', out);
}

/* Genes of both, but those that one has twice: their index in each. */
struct shared {
	size_t *a, *b, n;
};

static struct shared shared_genes(const struct model *a, const struct model *b)
{
	struct gene_index in_a = gene_index_new(a), in_b = gene_index_new(b);
	struct shared s = {0};

	MEM_ARRAY(s.a, a->n_genes);
	MEM_ARRAY(s.b, a->n_genes);
	for (size_t g = 0; g < a->n_genes; g++) {
		uint32_t gene = gene_index_find(&in_b, a->genes[g]);

		if (gene < GENE_REPEATED && gene_index_find(&in_a, a->genes[g]) == g) {
			s.a[s.n] = g;
			s.b[s.n++] = gene;
		}
	}
	gene_index_release(&in_a);
	gene_index_release(&in_b);
	return s;
}

static void put_class(FILE *out, const struct model *a, size_t class_a, const struct model *b,
		      size_t class_b, const struct shared *s)
{
	double largest = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;

	for (size_t i = 0; i < s->n; i++) {
		double x = model_coef(a, class_a, s->a[i]), y = model_coef(b, class_b, s->b[i]);

		largest = MAX(largest, fabs(x - y));
		sum_a += x;
		sum_b += y;
	}
	for (size_t i = 0; i < s->n; i++) {
		double x = model_coef(a, class_a, s->a[i]) - sum_a / (double)s->n;
		double y = model_coef(b, class_b, s->b[i]) - sum_b / (double)s->n;

		aa += x * x;
		bb += y * y;
		ab += x * y;
	}
	fprintf(out, "coef_difference\t%s", a->classes[class_a]);
	put_number(out, largest);
	fputs("\t\n", out);
	fprintf(out, "coef_correlation\t%s", a->classes[class_a]);
	put_number(out, aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN);
	fputs("\t\n", out);
}

void describe_difference(const struct model *a, const struct model *b, FILE *out)
{
	struct shared shared = shared_genes(a, b);

	fputs("what\tname\tfirst\tsecond\n", out);
	put_setting(out, "loss", model_loss_name(a->loss), model_loss_name(b->loss));
	put_setting(out, "centred", a->with_mean ? "yes" : "no", b->with_mean ? "yes" : "no");
	put_setting_number(out, "clip", a->clip, b->clip);
	put_setting_number(out, "target_sum", a->target_sum, b->target_sum);
	put_setting_number(out, "classes", (double)a->n_classes, (double)b->n_classes);
	put_setting_number(out, "genes", (double)a->n_genes, (double)b->n_genes);
	put_only(out, "class", a->classes, a->n_classes, b->classes, b->n_classes, true);
	put_only(out, "class", b->classes, b->n_classes, a->classes, a->n_classes, false);
	put_only(out, "gene", a->genes, a->n_genes, b->genes, b->n_genes, true);
	put_only(out, "gene", b->genes, b->n_genes, a->genes, a->n_genes, false);
	for (size_t c = 0; c < a->n_classes; c++) {
		size_t other = model_class(b, a->classes[c]);

		if (other != SIZE_MAX && shared.n)
			put_class(out, a, c, b, other, &shared);
	}
	free(shared.a);
	free(shared.b);
}
