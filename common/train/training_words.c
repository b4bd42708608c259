/* training_words.c - see training_words.h. */
#include "base/util.h"

#include <math.h>

#include "train/training_words.h"

static void cohort_words(const struct training *t, struct text *lines)
{
	const struct cohort *c = &t->cohort;

	if (c->n_unlabelled)
		text_add(lines, "%zu cells without a label are left out\n", c->n_unlabelled);
	for (size_t i = 0; i < c->n_no_types; i++)
		text_add(lines,
			 "%zu cells are called \"%s\", which is no type: left out (--keep-label "
			 "keeps them)\n",
			 c->no_types[i].n_cells, c->no_types[i].name);
	for (size_t i = 0; i < c->n_dropped; i++)
		text_add(lines, "class \"%s\" is left out: %zu training cells (--min-cells %zu)\n",
			 c->dropped[i].name, c->dropped[i].n_cells, c->min_cells);
	if (c->n_held)
		text_add(lines, "held out: %s (%zu cells)\n", c->held_what, c->n_held);
}

/* Missing genes of a panel named in a message. */
#define MOST_NAMED 20

static void panel_words(const struct training *t, struct text *lines)
{
	const struct gathered *g = &t->gathered;
	struct text lacks = TEXT_INIT;
	size_t n_seen = 0;

	if (!t->rules->panel)
		return;
	for (size_t i = 0; i < g->n_listed; i++)
		n_seen += g->listed_seen[i];
	gene_panel_missing(t->rules->panel, g->listed_seen, MOST_NAMED, &lacks);
	text_add(lines, "%zu of the panel's %zu genes are in %s%s%s\n", n_seen, g->n_listed,
		 h5ad_path(t->file), lacks.len ? "; it lacks " : "", lacks.s ? lacks.s : "");
	text_release(&lacks);
}

static void input_words(const struct training *t, struct text *lines)
{
	struct text decision = TEXT_INIT;

	text_add(lines, "%s: %s\n", h5ad_path(t->file), input_decision(t->input, &decision));
	text_release(&decision);
}

static void tally_words(const struct training *t, const char *what, const struct tally *s,
			struct text *lines)
{
	text_add(lines, "%s: %zu cells, accuracy %.4f, macro-F1 %.4f\n", what, s->n_cells,
		 s->accuracy, s->macro_f1);
	for (size_t c = 0; c < s->n_classes; c++)
		text_add(lines, "  %s: precision %.4f, recall %.4f, %zu cells\n",
			 t->cohort.classes[c], s->figures[c].precision, s->figures[c].recall,
			 s->truth[c]);
}

void training_words(const struct training *t, const struct training_news *news, struct text *lines)
{
	switch (news->event) {
	case TRAINING_COHORT:
		cohort_words(t, lines);
		break;
	case TRAINING_GENES:
		panel_words(t, lines);
		break;
	case TRAINING_READ:
		input_words(t, lines);
		break;
	case TRAINING_PENALTY:
		text_add(lines, "C = %g is chosen\n", t->penalty.C);
		break;
	case TRAINING_FOLDS:
		tally_words(t, "cross-validation", &t->folds, lines);
		break;
	case TRAINING_TRIAL:
		text_add(lines,
			 "C = %g: accuracy %.4f, macro-F1 %.4f out of fold (%zu of %zu folds)\n",
			 news->C, news->tally->accuracy, news->tally->macro_f1, news->n_folds,
			 t->rules->cohort.folds);
		break;
	case TRAINING_STEP:
		text_add(lines, "%s: %zu cells, %zu genes, %zu classes\n", news->what,
			 news->n_cells, news->n_genes, t->cohort.n_classes);
		break;
	case TRAINING_FITTED:
		blurred_words(&t->annexes.blurred, t->cohort.classes, t->gathered.n_genes, lines);
		break;
	case TRAINING_HELD:
		tally_words(t, "held out", &t->held, lines);
		break;
	case TRAINING_PASS:
		text_add(lines, "%zu classes left, loss %.6g, largest gradient %.3g", news->n_left,
			 news->loss, news->gradient);
		break;
	case TRAINING_EPOCH:
		text_add(lines, "%zu classes left, loss %.6g", news->n_left, news->loss);
		break;
	default:
		break;
	}
}

struct fit_reached training_reached(const struct fit *fit, struct text *line)
{
	struct fit_reached r = {0};

	for (size_t l = 0; l < fit->lanes.n_used; l++) {
		r.objective += fit->objective[l];
		r.gradient = fmax(r.gradient, fit->gradient[l]);
	}
	text_add(line, "%zu passes: objective %.9g summed over classes, largest gradient %.3g",
		 fit->passes, r.objective, r.gradient);
	return r;
}
