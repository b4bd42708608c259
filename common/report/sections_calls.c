/* sections_calls.c - the sections on calls: cell types, confidence, agreement. */
#include "base/util.h"

#include "report/sections.h"

#include "report/palette.h"

/* ---- confidence ---- */

#define MAX_HISTOGRAMS 48

static void put_histogram(struct page *p, const struct query_summary *q, size_t rank)
{
	const struct label_sum *l = &q->labels[q->by_count[rank]];
	const char *name = strtab_str(&q->label_names, q->by_count[rank]);
	size_t most = 1;

	for (size_t i = 0; i < CONFIDENCE_BINS; i++)
		most = MAX(most, l->histogram[i]);
	page_raw(p, "<figure><figcaption>");
	page_text(p, name);
	page_raw(p, "</figcaption><svg viewBox=\"0 0 200 62\" role=\"img\"><title>");
	page_text(p, name);
	page_raw(p, ": confidence, mean %.3f</title><path class=\"axis\" d=\"M0 50.5H200\"/>",
		 l->confidence / (double)MAX(l->n_confident, 1));
	for (size_t i = 0; i < CONFIDENCE_BINS; i++) {
		double height = 48 * (double)l->histogram[i] / (double)most;

		if (!l->histogram[i])
			continue;
		height = MAX(height, 1);
		page_raw(p,
			 "<rect x=\"%zu\" y=\"%.2f\" width=\"9\" height=\"%.2f\" fill=\"#%06x\" "
			 "data-tip=\"%.2f to %.2f: ",
			 i * 200 / CONFIDENCE_BINS, 50 - height, height, palette_colour(q, rank),
			 (double)i / CONFIDENCE_BINS, (double)(i + 1) / CONFIDENCE_BINS);
		page_count(p, l->histogram[i]);
		page_raw(p, " %s\"/>", l->histogram[i] == 1 ? "cell" : "cells");
	}
	page_raw(p, "<text x=\"0\" y=\"61\">0</text><text x=\"100\" y=\"61\" "
		    "text-anchor=\"middle\">0.5</text><text x=\"200\" y=\"61\" "
		    "text-anchor=\"end\">1</text></svg></figure>\n");
}

void section_confidence(struct page *p, const struct query_summary *q)
{
	size_t n = MIN(q->n_called, MAX_HISTOGRAMS);

	if (!q->has_confidence)
		return;
	page_section(p, 3, NULL, "Confidence");
	page_raw(p, "<div class=\"grid\">\n");
	for (size_t i = 0; i < n; i++)
		if (q->labels[q->by_count[i]].n_confident)
			put_histogram(p, q, i);
	page_raw(p,
		 "</div>\n<p class=\"note\">Cells by confidence, each label to its own height."
		 "%s</p>\n",
		 n < q->n_called ? " Labels with few cells are left out." : "");
	page_section_end(p);
}

/* ---- tables of few rows ---- */

static void begin_counts(struct page *p, const char *what)
{
	page_table(p, "", what);
	page_raw(p,
		 "<thead><tr><th>%s</th><th class=\"n\">Cells</th>"
		 "<th class=\"n\">Share</th></tr></thead><tbody>\n",
		 what);
}

static void put_counts(struct page *p, const char *name, size_t n, size_t of)
{
	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, name);
	page_raw(p, "</th><td class=\"n\">");
	page_count(p, n);
	page_raw(p, "</td><td class=\"n\">");
	page_share(p, n, of);
	page_raw(p, "</td></tr>\n");
}

/* What a reason says; of several, what the first says that is known, with all of them. */
static const char *reason_meaning(const char *reason, struct text *scratch)
{
	static const char *const known[][2] = {
		{"LOW", "confidence under the threshold (LOW)"},
		{"TIE", "too little ahead of the second label (TIE)"},
		{"EMPTY", "no count of a gene that the model knows (EMPTY)"},
		{"EMPTY;LOW", "no count of a gene that the model knows (EMPTY;LOW)"},
		{"DEPTH", "not sure enough for so few counts (DEPTH)"},
		{"DEPTH;LOW", "both: few counts and low confidence (DEPTH;LOW)"},
		{"LOW;TIE", "both: low confidence and a near tie (LOW;TIE)"},
	};
	static const char *const first[][2] = {
		{"CLIMB", "not sure of the label, but of a term above it, which it got"},
		{"COVER", "the file's genes tell too little of what tells the label"},
		{"FAR", "like no training cell"},
		{"SPLIT", "the models do not agree"},
		{"EMPTY", "no count of a gene that the model knows"},
		{"DEPTH", "not sure enough for so few counts"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(reason, known[i][0]))
			return known[i][1];
	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		if (!str_starts(reason, first[i][0]))
			continue;
		text_clear(scratch);
		text_add(scratch, "%s (%s)", first[i][1], reason);
		return scratch->s;
	}
	return reason;
}

void section_unknown(struct page *p, const struct query_summary *q)
{
	struct text scratch = TEXT_INIT;
	uint32_t *sorted;

	if (!q->has_reasons)
		return;
	page_section(p, 3, NULL,
		     q->n_climbed ? "Unknown or climbed, by reason" : "Unknown, by reason");
	if (!q->reasons.n) {
		page_raw(p, "<p>Every cell passed the gate.</p>\n");
		page_section_end(p);
		return;
	}
	sorted = strtab_sorted(&q->reasons);
	begin_counts(p, "Reason");
	for (size_t i = 0; i < q->reasons.n; i++)
		put_counts(p, reason_meaning(strtab_str(&q->reasons, sorted[i]), &scratch),
			   q->reason_cells[sorted[i]], q->n_cells);
	page_table_end(p);
	page_raw(p, "<p class=\"note\">What such a cell would have been called is in the table's "
		    "column label_original.</p>\n");
	text_release(&scratch);
	free(sorted);
	page_section_end(p);
}

void section_novelty(struct page *p, const struct query_summary *q)
{
	char name[64];

	if (!q->n_with_novelty)
		return;
	page_section(p, 3, NULL, "Novelty");
	begin_counts(p, "Novelty");
	for (size_t i = 0; i < NOVELTY_BINS; i++) {
		if (i + 1 < NOVELTY_BINS)
			snprintf(name, sizeof(name), "%zu to %zu", i, i + 1);
		else
			snprintf(name, sizeof(name), "%zu and more", i);
		put_counts(p, name, q->novelty_cells[i], q->n_with_novelty);
	}
	page_table_end(p);
	page_raw(p, "<p class=\"note\">How unlike the training cells a cell is: of training cells "
		    "themselves one in ten is beyond 1, one in a hundred beyond 2, one in a "
		    "thousand beyond 3. Of another study's cells more are, though they belong; a "
		    "type that is not known makes many.</p>\n");
	page_section_end(p);
}

/* ---- models ---- */

static void put_agreement(struct page *p, const struct query_summary *q)
{
	char name[80];

	begin_counts(p, "Models that agree");
	for (size_t i = ARRAY_LEN(q->agree_cells); i-- > 0;) {
		if (!q->agree_cells[i])
			continue;
		snprintf(name, sizeof(name), "%zu%s of %zu", i,
			 i + 1 == ARRAY_LEN(q->agree_cells) ? " or more" : "", q->most_models);
		put_counts(p, name, q->agree_cells[i], q->n_cells);
	}
	page_table_end(p);
}

static void put_models(struct page *p, const struct query_summary *q)
{
	uint32_t *sorted = strtab_sorted(&q->models);

	begin_counts(p, "Label taken from");
	for (size_t i = 0; i < q->models.n; i++)
		put_counts(p, strtab_str(&q->models, sorted[i]), q->model_cells[sorted[i]],
			   q->n_cells);
	page_table_end(p);
	free(sorted);
}

void section_agreement(struct page *p, const struct query_summary *q)
{
	if (!q->has_agreement || q->most_models < 2)
		return;
	page_section(p, 3, NULL, "Agreement of the models");
	page_raw(p, "<div class=\"beside\">\n");
	put_agreement(p, q);
	put_models(p, q);
	page_raw(p, "</div>\n<p class=\"note\">Before the gate: how many of the models give a cell "
		    "the label it got, and the model whose confidence stands for it.</p>\n");
	page_section_end(p);
}

/* ---- the vote ---- */

static void put_vote_row(struct page *p, const struct query_summary *q, uint32_t label)
{
	const struct label_sum *l = &q->labels[label];

	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, strtab_str(&q->label_names, label));
	page_raw(p, "%s</th><td class=\"n\" data-v=\"%zu\">",
		 l->n_before && !l->n_voted ? " <span class=\"lost\">lost</span>" : "",
		 l->n_before);
	page_count(p, l->n_before);
	page_raw(p, "</td><td class=\"n\" data-v=\"%zu\">", l->n_voted);
	page_count(p, l->n_voted);
	page_raw(p, "</td></tr>\n");
}

void section_vote(struct page *p, const struct query_summary *q)
{
	uint32_t *sorted;
	size_t before = 0, after = 0, lost = 0;

	if (!q->has_vote)
		return;
	for (size_t i = 0; i < q->label_names.n; i++) {
		before += q->labels[i].n_before > 0;
		after += q->labels[i].n_voted > 0;
		lost += q->labels[i].n_before && !q->labels[i].n_voted;
	}
	sorted = strtab_sorted(&q->label_names);
	page_section(p, 3, NULL, "What the vote changes");
	page_raw(p, "<p>%zu labels before, %zu after; %zu lost.</p>\n", before, after, lost);
	page_table(p, "sort", "Labels before and after the vote");
	page_raw(p, "<thead><tr><th scope=\"col\">Label</th>"
		    "<th scope=\"col\" class=\"n\">Before</th><th scope=\"col\" class=\"n\">"
		    "After</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < q->label_names.n; i++)
		if (q->labels[sorted[i]].n_before || q->labels[sorted[i]].n_voted)
			put_vote_row(p, q, sorted[i]);
	page_table_end(p);
	page_section_end(p);
	free(sorted);
}
