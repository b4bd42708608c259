/* tally.c - see tally.h. */
#include "base/util.h"

#include "calls/tally.h"

struct tally tally_new(size_t n_classes)
{
	struct tally s = {.n_classes = n_classes};

	MEM_ZERO(s.truth, n_classes);
	MEM_ZERO(s.called, n_classes);
	MEM_ZERO(s.right, n_classes);
	MEM_ZERO(s.figures, n_classes);
	return s;
}

void tally_add(struct tally *s, size_t truth, size_t call)
{
	s->n_cells++;
	s->truth[truth]++;
	s->called[call]++;
	s->right[truth] += truth == call;
}

double share_of(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

struct class_figures class_figures(size_t right, size_t called, size_t truth)
{
	return (struct class_figures){
		.precision = share_of(right, called),
		.recall = share_of(right, truth),
		.f1 = share_of(2 * right, truth + called),
	};
}

void tally_finish(struct tally *s)
{
	size_t right = 0, there = 0;
	double f1 = 0, recall = 0;

	for (size_t c = 0; c < s->n_classes; c++) {
		s->figures[c] = class_figures(s->right[c], s->called[c], s->truth[c]);
		right += s->right[c];
		if (!s->truth[c])
			continue;
		there++;
		f1 += s->figures[c].f1;
		recall += s->figures[c].recall;
	}
	s->accuracy = share_of(right, s->n_cells);
	s->macro_f1 = there ? f1 / (double)there : 0;
	s->balanced_accuracy = there ? recall / (double)there : 0;
}

void tally_release(struct tally *s)
{
	free(s->truth);
	free(s->called);
	free(s->right);
	free(s->figures);
	*s = (struct tally){0};
}

void tally_json(const struct tally *s, char *const *classes, const char *key, struct json *j)
{
	json_open_object(j, key);
	json_size(j, "cells", s->n_cells);
	json_double(j, "accuracy", s->accuracy);
	json_double(j, "macro_f1", s->macro_f1);
	json_double(j, "balanced_accuracy", s->balanced_accuracy);
	json_open_object(j, "classes");
	for (size_t c = 0; c < s->n_classes; c++) {
		json_open_object(j, classes[c]);
		json_size(j, "cells", s->truth[c]);
		json_double(j, "precision", s->figures[c].precision);
		json_double(j, "recall", s->figures[c].recall);
		json_double(j, "f1", s->figures[c].f1);
		json_close(j);
	}
	json_close(j);
	json_close(j);
}
