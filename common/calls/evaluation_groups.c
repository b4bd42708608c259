/* evaluation_groups.c - see evaluation_groups.h. */
#include "base/util.h"

#include "calls/evaluation_groups.h"
#include "calls/evaluation_report.h"

/* One group's cells, moved together. */
struct part {
	uint32_t *truth, *predicted;
	double *confidence;
	size_t n;
};

static void take(struct part *p, const struct group_cells *c, const uint32_t *groups,
		 uint32_t group)
{
	p->n = 0;
	for (size_t cell = 0; cell < c->n; cell++) {
		if (groups[cell] != group)
			continue;
		p->truth[p->n] = c->truth[cell];
		p->predicted[p->n] = c->predicted[cell];
		p->confidence[p->n++] = c->confidence ? c->confidence[cell] : 0;
	}
}

void group_scores_of(struct group_scores *g, const struct group_cells *c, const uint32_t *groups,
		     const struct strtab *group_names)
{
	uint32_t *sorted = strtab_sorted(group_names);
	struct part p = {.n = 0};

	*g = (struct group_scores){.n = 0};
	MEM_ZERO(g->groups, group_names->n);
	MEM_ARRAY(p.truth, c->n);
	MEM_ARRAY(p.predicted, c->n);
	MEM_ARRAY(p.confidence, c->n);
	for (size_t i = 0; i < group_names->n; i++) {
		const char *name = strtab_str(group_names, sorted[i]);
		struct evaluation *e;

		take(&p, c, groups, sorted[i]);
		if (!p.n || !*name)
			continue;
		e = evaluation_new(p.truth, p.predicted, c->confidence ? p.confidence : NULL, p.n,
				   c->names, c->unknown);
		g->groups[g->n++] = (struct group_score){.name = name,
							 .n_cells = e->n_cells,
							 .n_unknown = e->n_unknown,
							 .accuracy = e->accuracy,
							 .known_accuracy = e->known_accuracy,
							 .balanced_accuracy = e->balanced_accuracy,
							 .calibration_error = e->calibration_error};
		evaluation_free(e);
	}
	free(p.truth);
	free(p.predicted);
	free(p.confidence);
	free(sorted);
}

void group_scores_release(struct group_scores *g)
{
	free(g->groups);
	*g = (struct group_scores){.n = 0};
}

void group_scores_put(const struct group_scores *g, struct tsv_writer *w)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct group_score *s = &g->groups[i];

		evaluation_put_figure(w, "cells_by", s->name, (double)s->n_cells);
		evaluation_put_figure(w, "unknown_by", s->name, (double)s->n_unknown);
		evaluation_put_figure(w, "accuracy_by", s->name, s->accuracy);
		evaluation_put_figure(w, "known_accuracy_by", s->name, s->known_accuracy);
		evaluation_put_figure(w, "balanced_accuracy_by", s->name, s->balanced_accuracy);
		evaluation_put_figure(w, "calibration_error_by", s->name, s->calibration_error);
	}
}

void group_scores_json(const struct group_scores *g, struct json *out)
{
	json_open_array(out, "by");
	for (size_t i = 0; i < g->n; i++) {
		const struct group_score *s = &g->groups[i];

		json_open_object(out, NULL);
		json_str(out, "group", s->name);
		json_size(out, "cells", s->n_cells);
		json_size(out, "unknown", s->n_unknown);
		json_double(out, "accuracy", s->accuracy);
		json_double(out, "known_accuracy", s->known_accuracy);
		json_double(out, "balanced_accuracy", s->balanced_accuracy);
		json_double(out, "calibration_error", s->calibration_error);
		json_close(out);
	}
	json_close(out);
}
