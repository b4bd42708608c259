/* training.c - see training.h. */
#include "base/util.h"

#include "base/sha256.h"
#include "train/assemble.h"
#include "train/training.h"

static void tell(const struct training *t, enum training_event event)
{
	listener_tell(&t->listener, (struct training_news){.event = event});
}

int training_read(struct training *t, struct err *err)
{
	const struct training_rules *rules = t->rules;
	struct cohort *c = &t->cohort;
	struct gathered *g = &t->gathered;
	struct frame *obs = h5ad_obs(t->file);
	size_t solver;

	t->how.listener = t->how.fit.listener = t->how.sgd.listener = t->listener;
	if (cohort_gather(c, obs, &rules->cohort, err))
		return -1;
	tell(t, TRAINING_COHORT);
	if (rules->depths->n > 1)
		cohort_copy(c, rules->depths->n);
	t->input = input_open(t->file, &rules->input, t->pool, err);
	if (!t->input || gather_genes(g, t->input, rules->panel, err))
		return -1;
	tell(t, TRAINING_GENES);
	solver = fit_memory(g->n_genes, c->n_classes, c->n, t->how.fit.tolerance);
	if (gather_cells(g, t->input, c,
			 &(struct gather_rules){
				 .n_rows = obs->n_rows,
				 .memory = rules->memory - MIN(solver, rules->memory),
				 .seed = rules->cohort.seed,
				 .depths = rules->depths,
				 .listener = &t->listener,
			 },
			 t->pool, err))
		return -1;
	tell(t, TRAINING_READ);
	return 0;
}

static int choose_penalty(struct training *t, struct err *err)
{
	struct penalty_choice *choice = &t->penalty;

	if (penalty_choose(choice, t->gathered.design, &t->cohort, t->gathered.label, &t->how,
			   t->pool, err))
		return -1;
	t->how.fit.C = choice->C;
	tell(t, TRAINING_PENALTY);
	return 0;
}

/* The scores of the penalty's folds will do, unless their decisions are to be written. */
static int validate(struct training *t, struct err *err)
{
	const struct training_rules *rules = t->rules;
	char **cells = NULL;

	if (!rules->oof && t->penalty.tally.n_cells) {
		t->folds = t->penalty.tally;
		t->penalty.tally = (struct tally){0};
		return 0;
	}
	if (rules->oof && !(cells = frame_keys(h5ad_obs(t->file), err)))
		return -1;
	if (validate_folds(&t->folds, t->gathered.design, &t->cohort, t->gathered.label, &t->how,
			   rules->oof, cells, t->pool, err))
		return -1;
	tell(t, TRAINING_FOLDS);
	return 0;
}

int training_run(struct training *t, struct err *err)
{
	struct gathered *g = &t->gathered;

	if (t->rules->choose_penalty && choose_penalty(t, err))
		return -1;
	if (t->rules->validates && validate(t, err))
		return -1;
	t->how.start = t->penalty.start.coef ? &t->penalty.start : NULL;
	if (train_run(&t->trained, &g->design, true, g->label, t->cohort.n_classes, &t->how,
		      t->pool, err))
		return -1;
	if (annexes_learn(&t->annexes,
			  &(struct annex_task){&t->trained, g, &t->cohort, &t->how, t->pool},
			  &t->rules->annexes, err))
		return -1;
	tell(t, TRAINING_FITTED);
	if (!t->cohort.n_held)
		return 0;
	if (validate_held(&t->held, &t->trained, g->design, g->truth, g->held, t->pool, err))
		return -1;
	tell(t, TRAINING_HELD);
	return 0;
}

struct model *training_model(struct training *t, const struct model_card *card,
			     const struct training_source *source, struct err *err)
{
	const struct cohort *c = &t->cohort;
	bool is_file = !str_eq(source->path, "-");
	char sha256[65];
	uint64_t bytes;
	struct text decision = TEXT_INIT;
	struct account account = {.argc = source->argc,
				  .argv = source->argv,
				  .path = source->path,
				  .sha256 = is_file ? sha256 : NULL,
				  .seed = t->rules->cohort.seed,
				  .cohort = c,
				  .trained = &t->trained,
				  .held = c->n_held ? &t->held : NULL,
				  .folds = t->folds.n_cells ? &t->folds : NULL};
	struct model *m;

	if (is_file && sha256_file(source->path, sha256, &bytes, err))
		return NULL;
	account.input = input_decision(t->input, &decision);
	m = assemble_model(&t->trained, t->gathered.genes, c->classes, c->n_classes, &t->how, card,
			   &account);
	annexes_give(&t->annexes, &t->trained, m);
	m->depth = thinned_needs(t->gathered.thinned, m, t->how.fit.within, t->input->genes,
				 t->input->n_genes, t->pool);
	text_release(&decision);
	return m;
}

void training_release(struct training *t)
{
	annexes_release(&t->annexes);
	trained_release(&t->trained);
	tally_release(&t->held);
	tally_release(&t->folds);
	penalty_release(&t->penalty);
	gathered_release(&t->gathered);
	cohort_release(&t->cohort);
	input_close(t->input);
	t->input = NULL;
}
