/* calibrate.c - see calibrate.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "format/tsv.h"
#include "onto/match/calibrate.h"

struct calibration {
	double bias[N_KINDS];
	double weight[N_KINDS][N_FEATURES];
	bool known[N_KINDS];
};

static const char *const features[N_FEATURES] = {"n_words"};

static const char *const kinds[N_KINDS] = {
	"exact/label",      "exact/alias",    "exact/synonym", "exact/other",    "set/label",
	"set/alias",        "set/synonym",    "set/other",     "repaired/label", "repaired/alias",
	"repaired/synonym", "repaired/other", "reduced/label", "reduced/alias",  "reduced/synonym",
	"reduced/other",    "pattern/first",  "pattern/last",  "overlap",        "ngram",
	"common",           "verbatim"};

const char *calibration_feature_name(enum feature f)
{
	return features[f];
}

const char *calibration_kind_name(int kind)
{
	return kinds[kind];
}

static int read_row(struct calibration *c, struct tsv *in, const size_t *at, struct err *err)
{
	int kind = -1;

	for (int k = 0; k < N_KINDS; k++)
		if (str_eq(in->fields[at[0]], kinds[k]))
			kind = k;
	if (kind < 0)
		return err_set(err, "%s: line %zu: unknown kind \"%s\"", in->path, in->line,
			       in->fields[at[0]]);
	if (tsv_number(in, at[1], &c->bias[kind], err))
		return -1;
	for (size_t f = 0; f < N_FEATURES; f++)
		if (tsv_number(in, at[2 + f], &c->weight[kind][f], err))
			return -1;
	c->known[kind] = true;
	return 0;
}

struct calibration *calibration_read(const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct calibration *c;
	size_t at[2 + N_FEATURES];
	int got = -1;

	if (!in)
		return NULL;
	MEM_ZERO(c, 1);
	if (tsv_need(in, "kind", &at[0], err) || tsv_need(in, "bias", &at[1], err))
		goto close;
	for (size_t f = 0; f < N_FEATURES; f++)
		if (tsv_need(in, features[f], &at[2 + f], err))
			goto close;
	while ((got = tsv_next(in, err)) > 0)
		if (read_row(c, in, at, err)) {
			got = -1;
			break;
		}
	for (int k = 0; k < N_KINDS && !got; k++)
		if (!c->known[k])
			got = err_set(err, "%s: no row for kind \"%s\"", path, kinds[k]);
close:
	tsv_close(in);
	if (!got)
		return c;
	free(c);
	return NULL;
}

void calibration_free(struct calibration *c)
{
	free(c);
}

double calibration_score(const struct calibration *c, const struct match *m)
{
	if (!c)
		return m->tier_score;
	double z = c->bias[m->kind];

	for (size_t f = 0; f < N_FEATURES; f++)
		z += c->weight[m->kind][f] * m->features[f];
	double p = 1 / (1 + exp(-z));

	return p < 0.01 ? 0.01 : p > 0.99 ? 0.99 : p;
}
