/* evaluation_report.c - see evaluation_report.h. */
#include "base/util.h"

#include "calls/evaluation_report.h"

void evaluation_put_figure(struct tsv_writer *w, const char *what, const char *class, double value)
{
	tsv_put(w, what);
	tsv_put(w, class);
	tsv_put_float(w, value);
	tsv_end_row(w);
}

void evaluation_put_classes(const struct evaluation *e, const struct strtab *names,
			    struct tsv_writer *w)
{
	for (size_t i = 0; i < e->n_classes; i++) {
		const struct class_score *c = &e->classes[i];
		const char *name = strtab_str(names, c->label);

		evaluation_put_figure(w, "support", name, (double)c->support);
		evaluation_put_figure(w, "predicted", name, (double)c->predicted);
		evaluation_put_figure(w, "precision", name, c->figures.precision);
		evaluation_put_figure(w, "recall", name, c->figures.recall);
		evaluation_put_figure(w, "f1", name, c->figures.f1);
	}
}

void evaluation_put_confusion(const struct evaluation *e, const struct strtab *names,
			      struct tsv_writer *w)
{
	tsv_header(w, "truth\tpredicted\tcells");
	for (size_t i = 0; i < e->n_confusion; i++) {
		const struct confusion_cell *c = &e->confusion[i];

		tsv_put(w, strtab_str(names, c->truth));
		tsv_put(w, strtab_str(names, c->predicted));
		tsv_put_size(w, c->n);
		tsv_end_row(w);
	}
}

static void json_classes(struct json *out, const struct evaluation *e, const struct strtab *names)
{
	json_open_array(out, "classes");
	for (size_t i = 0; i < e->n_classes; i++) {
		const struct class_score *c = &e->classes[i];

		json_open_object(out, NULL);
		json_str(out, "class", strtab_str(names, c->label));
		json_size(out, "support", c->support);
		json_size(out, "predicted", c->predicted);
		json_double(out, "precision", c->figures.precision);
		json_double(out, "recall", c->figures.recall);
		json_double(out, "f1", c->figures.f1);
		json_close(out);
	}
	json_close(out);
}

void evaluation_put_kept(const struct evaluation *e, struct tsv_writer *w)
{
	char share[32];

	for (size_t k = 0; e->has_confidence && k < N_KEPT; k++) {
		format_float(share, 1 - (double)k / N_KEPT);
		evaluation_put_figure(w, "accuracy_kept", share, e->kept[k].accuracy);
	}
}

static void json_confidence(struct json *out, const struct evaluation *e)
{
	json_open_array(out, "coverage");
	for (size_t i = 0; e->has_confidence && i < ARRAY_LEN(e->coverage); i++) {
		json_open_object(out, NULL);
		json_double(out, "threshold", e->coverage[i].threshold);
		json_double(out, "coverage", e->coverage[i].coverage);
		json_double(out, "accuracy", e->coverage[i].accuracy);
		json_close(out);
	}
	json_close(out);
	json_open_array(out, "calibration");
	for (size_t i = 0; e->has_confidence && i < CALIBRATION_BINS; i++) {
		json_open_object(out, NULL);
		json_size(out, "cells", e->calibration[i].n);
		json_double(out, "confidence", e->calibration[i].confidence);
		json_double(out, "accuracy", e->calibration[i].accuracy);
		json_close(out);
	}
	json_close(out);
	json_open_array(out, "kept");
	for (size_t k = 0; e->has_confidence && k < N_KEPT; k++) {
		json_open_object(out, NULL);
		json_double(out, "share", e->kept[k].share);
		json_double(out, "threshold", e->kept[k].threshold);
		json_double(out, "accuracy", e->kept[k].accuracy);
		json_close(out);
	}
	json_close(out);
}

static void json_confusion(struct json *out, const struct evaluation *e, const struct strtab *names)
{
	json_open_array(out, "confusion");
	for (size_t i = 0; i < e->n_confusion; i++) {
		const struct confusion_cell *c = &e->confusion[i];

		json_open_object(out, NULL);
		json_str(out, "truth", strtab_str(names, c->truth));
		json_str(out, "predicted", strtab_str(names, c->predicted));
		json_size(out, "cells", c->n);
		json_close(out);
	}
	json_close(out);
}

void evaluation_json(const struct evaluation *e, const struct strtab *names, struct json *out)
{
	json_classes(out, e, names);
	json_confidence(out, e);
	json_confusion(out, e, names);
}
