/* verdict_json.c - see verdict_json.h. */
#include "base/util.h"

#include "base/json.h"
#include "base/outfile.h"
#include "evidence/verdict_json.h"

#define N_BINS 5

static void put_summary(struct json *j, const struct verdict *verdicts, size_t n)
{
	size_t counts[CHECK_UNLISTED + 1] = {0};

	for (size_t i = 0; i < n; i++)
		counts[verdicts[i].status]++;
	json_open_object(j, "summary");
	json_size(j, "total", n);
	for (size_t i = 0; i <= CHECK_UNLISTED; i++)
		json_size(j, check_status_name((enum check_status)i), counts[i]);
	json_close(j);
	json_open_object(j, "metrics");
	json_open_object(j, "rates");
	for (size_t i = 0; i <= CHECK_UNLISTED; i++)
		json_double(j, check_status_name((enum check_status)i),
			    n ? (double)counts[i] / (double)n : 0);
	json_close(j);
}

static void put_reasons(struct json *j, const struct verdict *verdicts, size_t n)
{
	struct strtab reasons = {0};
	size_t *counts, bins[N_BINS] = {0};

	MEM_ZERO(counts, n);
	for (size_t i = 0; i < n; i++) {
		size_t bin = (size_t)(verdicts[i].confidence * N_BINS);
		bins[MIN(bin, N_BINS - 1)]++;
		if (*verdicts[i].reason)
			counts[strtab_add(&reasons, verdicts[i].reason)]++;
	}
	json_open_object(j, "reasons");
	for (uint32_t i = 0; i < reasons.n; i++)
		json_size(j, strtab_str(&reasons, i), counts[i]);
	json_close(j);
	json_open_array(j, "confidence_bins");
	for (size_t i = 0; i < N_BINS; i++)
		json_size(j, NULL, bins[i]);
	json_close(j);
	json_close(j);
	free(counts);
	strtab_release(&reasons);
}

static void put_cluster(struct json *j, const struct verdict *v, const char *cluster,
			const struct label_space *space)
{
	json_open_object(j, NULL);
	json_str(j, "cluster", cluster);
	json_str(j, "label", v->label);
	json_str(j, "id", v->id);
	json_str(j, "status", check_status_name(v->status));
	json_str(j, "reason", v->reason);
	json_double(j, "confidence", v->confidence);
	json_double(j, "support", v->support);
	json_double(j, "contradiction", v->contradiction);
	json_str(j, "genes", v->genes.s);
	json_str(j, "conflict", v->conflicts.s);
	json_str(j, "best", v->best == SIZE_MAX ? "" : space->types[v->best].name);
	json_double(j, "best_z", v->best_z);
	json_str(j, "second", v->second == SIZE_MAX ? "" : space->types[v->second].name);
	json_double(j, "second_z", v->second_z);
	json_double(j, "margin", v->margin);
	json_double(j, "coverage", v->coverage);
	json_close(j);
}

int verdicts_write_json(const char *path, const struct verdict *verdicts,
			const struct strtab *clusters, const struct label_space *space,
			struct err *err)
{
	struct outfile *out = outfile_open(path, err);

	if (!out)
		return -1;
	struct json j = json_start(outfile_stream(out));
	json_open_object(&j, NULL);
	put_summary(&j, verdicts, clusters->n);
	put_reasons(&j, verdicts, clusters->n);
	json_open_array(&j, "clusters");
	for (uint32_t i = 0; i < clusters->n; i++)
		put_cluster(&j, &verdicts[i], strtab_str(clusters, i), space);
	json_close(&j);
	json_close(&j);
	return outfile_commit(out, err);
}
