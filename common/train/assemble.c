/* assemble.c - see assemble.h. */
#include "base/util.h"

#include <unistd.h>

#include "base/json.h"
#include "base/outfile.h"
#include "base/text.h"
#include "format/tsv.h"
#include "train/assemble.h"

static char *kept(struct model *m, const char *text)
{
	return arena_str(&m->arena, text ? text : "", text ? strlen(text) : 0);
}

static void set_card(struct model *m, const struct model_card *card, char *account)
{
	m->card = (struct model_card){
		.name = kept(m, card->name),
		.source = kept(m, card->source),
		.url = kept(m, card->url),
		.version = kept(m, card->version),
		.details = kept(m, card->details),
		.date = kept(m, card->date),
		.trained_on = kept(m, account),
	};
	free(account);
}

static void set_names(struct model *m, const struct trained *t, char *const *genes,
		      char *const *classes)
{
	size_t n = 0;

	MEM_ARRAY(m->classes, m->n_classes);
	MEM_ARRAY(m->genes, m->n_genes);
	for (size_t c = 0; c < m->n_classes; c++)
		m->classes[c] = arena_str(&m->arena, classes[c], strlen(classes[c]));
	for (size_t g = 0; g < t->scaling.n_genes; g++) {
		const char *name = genes[t->gene_of[g]];

		if (t->scaling.present[g])
			m->genes[n++] = arena_str(&m->arena, name, strlen(name));
	}
}

/* What cells of these types will be called is some other type. */
static void set_left_out(struct model *m, const struct cohort *c)
{
	if (!c->n_dropped)
		return;
	m->left_out = left_out_new(c->n_dropped);
	for (size_t i = 0; i < c->n_dropped; i++) {
		m->left_out->names[i] = model_str(m, c->dropped[i].name);
		m->left_out->n_cells[i] = (double)c->dropped[i].n_cells;
	}
}

static void set_numbers(struct model *m, const struct trained *t)
{
	const struct lanes *lanes = &t->fit.lanes;
	size_t rows = t->fit.n_genes + 1, n = 0;

	MEM_ARRAY(m->coef, mem_product(m->n_rows, m->n_genes));
	MEM_ARRAY(m->intercept, m->n_rows);
	MEM_ARRAY(m->mean, m->n_genes);
	MEM_ARRAY(m->scale, m->n_genes);
	for (size_t g = 0; g < t->scaling.n_genes; g++) {
		if (!t->scaling.present[g])
			continue;
		for (size_t lane = 0; lane < m->n_rows; lane++)
			m->coef[lane * m->n_genes + n] =
				t->fit.coef[lanes_at(lanes, rows, g, lane)];
		m->mean[n] = m->with_mean ? t->scaling.mean[g] : 0;
		m->scale[n++] = t->scaling.scale[g];
	}
	for (size_t lane = 0; lane < m->n_rows; lane++)
		m->intercept[lane] = t->fit.coef[lanes_at(lanes, rows, rows - 1, lane)];
}

/* ---- the account ---- */

/* Options that change where and how fast, not what. */
static bool is_aside(const char *arg, bool *takes_value)
{
	static const char *const with_value[] = {"-t",       "--threads",  "-o",
						 "--output", "--manifest", "--manifest-hash",
						 "--memory", "--oof",      "--report"};

	*takes_value = false;
	if (str_eq(arg, "-q") || str_eq(arg, "--quiet"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(with_value); i++) {
		size_t len = strlen(with_value[i]);

		if (str_eq(arg, with_value[i])) {
			*takes_value = true;
			return true;
		}
		if (str_starts(arg, with_value[i]) && (arg[len] == '=' || len == 2))
			return true;
	}
	return false;
}

/*
 * A word that is the name of a file, or ends in one ("--panel=runs/a/panel.txt"), without the
 * folder: the same training in another place is the same model, to the byte.
 */
static void put_word(struct json *j, const char *word)
{
	const char *slash = strrchr(word, '/'), *equals = strchr(word, '=');
	const char *path = *word == '-' && equals && equals < slash ? equals + 1 : word;
	struct text shown = TEXT_INIT;

	if (slash && slash[1] && access(path, F_OK) == 0)
		text_add(&shown, "%.*s%s", (int)(path - word), word, slash + 1);
	json_str(j, NULL, shown.len ? shown.s : word);
	text_release(&shown);
}

static void put_argv(struct json *j, const struct account *a)
{
	json_open_array(j, "argv");
	json_str(j, NULL, "lr-train");
	for (int i = 1; i < a->argc; i++) {
		bool takes_value;

		if (!is_aside(a->argv[i], &takes_value))
			put_word(j, a->argv[i]);
		else
			i += takes_value;
	}
	json_close(j);
}

static void put_fit(struct json *j, const struct trained *t, char *const *classes)
{
	const struct fit *fit = &t->fit;

	json_open_object(j, "fit");
	json_size(j, "passes", fit->passes);
	json_size(j, "classes_short_of_tolerance", fit->n_short);
	json_open_object(j, "classes");
	for (size_t lane = 0; lane < fit->lanes.n_used; lane++) {
		json_open_object(j, classes[fit->lanes.class_of[lane]]);
		json_size(j, "passes", fit->class_passes[lane]);
		json_double(j, "objective", fit->objective[lane]);
		json_double(j, "largest_gradient", fit->gradient[lane]);
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

static void put_cells(struct json *j, const struct cohort *c)
{
	json_size(j, "cells", (c->n - c->n_held) / c->n_copies);
	json_open_object(j, "cells_per_class");
	for (size_t i = 0; i < c->n_classes; i++)
		json_size(j, c->classes[i], c->count[i] / c->n_copies);
	json_close(j);
	json_open_object(j, "labels_that_are_no_types");
	for (size_t i = 0; i < c->n_no_types; i++)
		json_size(j, c->no_types[i].name, c->no_types[i].n_cells);
	json_close(j);
	json_open_object(j, "classes_left_out");
	for (size_t i = 0; i < c->n_dropped; i++)
		json_size(j, c->dropped[i].name, c->dropped[i].n_cells);
	json_close(j);
}

static char *write_account(const struct account *a)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct json j;

	if (!file)
		BUG("no memory stream");
	j = json_start(file);
	json_open_object(&j, NULL);
	json_str(&j, "tool", "lr-train");
	json_str(&j, "version", PIPETTE_VERSION);
	put_argv(&j, a);
	json_size(&j, "seed", a->seed);
	json_open_array(&j, "inputs");
	json_open_object(&j, NULL);
	json_str(&j, "file", str_eq(a->path, "-") ? "stdin" : path_file(a->path));
	if (a->sha256)
		json_str(&j, "sha256", a->sha256);
	json_str(&j, "matrix", a->input);
	json_size(&j, "cells", a->cohort->n / a->cohort->n_copies);
	json_close(&j);
	json_close(&j);
	put_cells(&j, a->cohort);
	put_fit(&j, a->trained, a->cohort->classes);
	if (a->held) {
		json_str(&j, "held_out_cells", a->cohort->held_what);
		tally_json(a->held, a->cohort->classes, "held_out", &j);
	}
	if (a->folds)
		tally_json(a->folds, a->cohort->classes, "cross_validation", &j);
	json_close(&j);
	fclose(file);
	return text;
}

/* ---- model and report ---- */

struct model *assemble_model(const struct trained *t, char *const *genes, char *const *classes,
			     size_t n_classes, const struct train_options *options,
			     const struct model_card *card, const struct account *account)
{
	struct model *m = mem_zero(1, sizeof(*m));

	m->n_classes = n_classes;
	m->n_rows = t->fit.lanes.n_used;
	for (size_t g = 0; g < t->scaling.n_genes; g++)
		m->n_genes += t->scaling.present[g];
	m->with_mean = options->scaling.with_mean;
	m->loss = options->fit.loss;
	m->clip = options->scaling.clip;
	m->target_sum = 1e4;
	set_card(m, card, write_account(account));
	set_names(m, t, genes, classes);
	set_left_out(m, account->cohort);
	set_numbers(m, t);
	return m;
}

int assemble_report(const char *path, const struct trained *t, const struct cohort *c,
		    double tolerance, struct err *err)
{
	const struct fit *fit = &t->fit;
	struct outfile *out = outfile_open(path, err);
	struct tsv_writer w = {.path = path};

	if (!out)
		return -1;
	w.file = outfile_stream(out);
	tsv_header(&w, "label\tcells\tpasses\tobjective\tgradient\tconverged");
	for (size_t l = 0; l < fit->lanes.n_used; l++) {
		uint32_t class = fit->lanes.class_of[l];

		tsv_put(&w, c->classes[class]);
		tsv_put_size(&w, c->count[class] / c->n_copies);
		tsv_put_size(&w, fit->class_passes[l]);
		tsv_put_double(&w, fit->objective[l]);
		tsv_put_float(&w, fit->gradient[l]);
		tsv_put(&w, fit->gradient[l] <= tolerance ? "yes" : "no");
		tsv_end_row(&w);
	}
	if (tsv_writer_close(&w, err)) {
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}
