/* annexes.c - see annexes.h. */
#include "base/util.h"

#include "train/annexes.h"
#include "train/factors.h"
#include "train/held_out.h"

static void announce(const struct annex_task *task, const char *what)
{
	const struct scaling *s = &task->trained->scaling;

	listener_tell(&task->options->listener, (struct training_news){.event = TRAINING_STEP,
								       .what = what,
								       .n_cells = s->n_counted,
								       .n_genes = s->n_genes});
}

int annexes_learn(struct annexes *a, const struct annex_task *task, const struct annex_rules *rules,
		  struct err *err)
{
	const struct trained *t = task->trained;
	struct factor_cells cells = {.design = task->gathered->design,
				     .scaling = &t->scaling,
				     .label = task->gathered->label,
				     .pool = task->pool};
	struct held_out held = {.cohort = task->cohort,
				.gathered = task->gathered,
				.trained = t,
				.options = task->options,
				.pool = task->pool};
	int ret;

	if (!rules->n_factors || !t->scaling.with_mean)
		return 0;
	announce(task, "learning how genes vary together");
	a->factors = factors_learn(&cells, rules->n_factors, err);
	if (!a->factors || !task->cohort->n_folds)
		return a->factors ? 0 : -1;
	announce(task, "calibrating on held-out cells");
	ret = held_out_learn(&held, a->factors, err);
	a->calibration = held.calibration;
	a->landmarks = held.landmarks;
	a->blurred = held.blurred;
	return ret;
}

void annexes_give(struct annexes *a, const struct trained *t, struct model *m)
{
	struct model_factors *f = a->factors;
	size_t to = 0;

	for (size_t g = 0; f && g < t->scaling.n_genes; g++) {
		if (!t->scaling.present[g])
			continue;
		memmove(f->loadings + to * f->n, f->loadings + g * f->n,
			f->n * sizeof(*f->loadings));
		f->rest[to++] = f->rest[g];
	}
	m->factors = f;
	m->calibration = a->calibration;
	m->landmarks = a->landmarks;
	blurred_release(&a->blurred);
	*a = (struct annexes){0};
}

void annexes_release(struct annexes *a)
{
	model_factors_free(a->factors);
	model_calibration_free(a->calibration);
	model_landmarks_free(a->landmarks);
	blurred_release(&a->blurred);
	*a = (struct annexes){0};
}
