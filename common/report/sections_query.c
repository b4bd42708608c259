/* sections_query.c - the section on the query: its cells, genes and matrix. */
#include "base/util.h"

#include "report/sections.h"

#include "report/palette.h"

/* ---- the top ---- */

static void put_figure(struct page *p, size_t n, const char *one, const char *many)
{
	page_raw(p, "<div><dt>%s</dt><dd>", n == 1 ? one : many);
	page_count(p, n);
	page_raw(p, "</dd></div>\n");
}

void section_summary(struct page *p, const char *title, struct query_summary *const *queries,
		     size_t n)
{
	size_t cells = 0, unknown = 0;

	for (size_t i = 0; i < n; i++) {
		cells += queries[i]->n_cells;
		unknown += queries[i]->n_unknown;
	}
	page_raw(p, "<header>\n<p class=\"kind\">Cell types</p>\n");
	page_tag(p, "h1", title);
	page_raw(p, "\n<dl class=\"figures\">\n");
	put_figure(p, cells, "cell", "cells");
	if (n == 1)
		put_figure(p, query_n_labels(queries[0]), "label", "labels");
	else
		put_figure(p, n, "query", "queries");
	page_raw(p, "<div><dt>Unknown</dt><dd>");
	page_share(p, unknown, cells);
	page_raw(p, "</dd></div>\n</dl>\n");
	if (n > 1) {
		page_raw(p, "<nav aria-label=\"Queries\"><ul class=\"links\">\n");
		for (size_t i = 0; i < n; i++) {
			page_raw(p, "<li><a href=\"#q%zu\">", i + 1);
			page_text(p, queries[i]->name);
			page_raw(p, "</a></li>\n");
		}
		page_raw(p, "</ul></nav>\n");
	}
	page_raw(p, "</header>\n");
}

/* ---- what was read ---- */

/* The figures in "MODEL: 764 of its 764 genes (100.0 %) are in FILE, with 99.0 % of its weight". */
struct covered {
	char model[200];
	size_t n, of;
	double genes, weight;
};

static bool parse_coverage(const char *text, struct covered *c)
{
	const char *last = NULL, *weight = strstr(text, ", with "), *colon;

	for (const char *at = weight; at; at = strstr(at + 1, ", with "))
		weight = at;
	for (const char *at = strstr(text, " of its "); at && at < weight;
	     at = strstr(at + 1, " of its "))
		last = last ? last : at;
	colon = last;
	while (colon && colon > text && *colon != ':')
		colon--;
	if (!colon || colon == text || (size_t)(colon - text) >= sizeof(c->model))
		return false;
	snprintf(c->model, sizeof(c->model), "%.*s", (int)(colon - text), text);
	return sscanf(colon, ": %zu of its %zu genes (%lf", &c->n, &c->of, &c->genes) == 3 &&
	       sscanf(weight, ", with %lf", &c->weight) == 1;
}

static void put_coverage_row(struct page *p, const char *text)
{
	struct covered c;

	if (!parse_coverage(text, &c)) {
		page_raw(p, "<tr><td colspan=\"4\">");
		page_text(p, text);
		page_raw(p, "</td></tr>\n");
		return;
	}
	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, c.model);
	page_raw(p, "</th><td class=\"n\">");
	page_count(p, c.n);
	page_raw(p, " of ");
	page_count(p, c.of);
	page_raw(p,
		 "</td><td class=\"n\">%.1f&nbsp;%%</td><td class=\"n\">%.1f&nbsp;%%</td>"
		 "</tr>\n",
		 c.genes, c.weight);
}

static size_t list_predictions(const struct query_summary *q, const struct run_log *run,
			       const struct run_step **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; run && i < run->n && n < max; i++)
		if (run_step_is(&run->steps[i], "lr-predict", q->name))
			out[n++] = &run->steps[i];
	return n;
}

void section_input(struct page *p, const struct query_summary *q, const struct run_log *run)
{
	const struct run_step *steps[200];
	size_t n = list_predictions(q, run, steps, ARRAY_LEN(steps));
	const char *matrix = n ? run_step_note(&steps[0][0], "matrix") : NULL;
	bool covered = false;

	for (size_t i = 0; i < n; i++)
		covered |= run_step_note(steps[i], "coverage") != NULL;
	if (!matrix && !covered)
		return;
	page_section(p, 3, NULL, "Input");
	if (matrix) {
		page_raw(p, "<p>Matrix ");
		page_text(p, matrix);
		page_raw(p, ".</p>\n");
	}
	if (covered) {
		page_table(p, "", "Gene coverage");
		page_raw(p, "<thead><tr><th>Model</th>"
			    "<th class=\"n\">Its genes found</th><th class=\"n\">Genes</th>"
			    "<th class=\"n\">Weight</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < n; i++)
			if (run_step_note(steps[i], "coverage"))
				put_coverage_row(p, run_step_note(steps[i], "coverage"));
		page_table_end(p);
		page_raw(p, "<p class=\"note\">Genes: the share of the "
			    "model's genes that the file has. Weight: their share of the model's "
			    "coefficients.</p>\n");
	}
	page_section_end(p);
}

/* ---- labels ---- */

static void put_bar(struct page *p, size_t n, size_t most, uint32_t colour)
{
	page_raw(p,
		 "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
		 "aria-hidden=\"true\"><rect width=\"%.2f\" height=\"10\" rx=\".6\" "
		 "fill=\"#%06x\"/></svg>",
		 most ? 100.0 * (double)n / (double)most : 0, colour);
}

static void put_label_row(struct page *p, const struct query_summary *q, size_t rank)
{
	const struct label_sum *l = &q->labels[q->by_count[rank]];
	size_t most = q->labels[q->by_count[0]].n;

	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, strtab_str(&q->label_names, q->by_count[rank]));
	page_raw(p, "</th><td class=\"n\" data-v=\"%zu\">", l->n);
	page_count(p, l->n);
	page_raw(p, "</td><td class=\"n\" data-v=\"%zu\">", l->n);
	page_share(p, l->n, q->n_cells);
	page_raw(p, "</td><td class=\"bars\">");
	put_bar(p, l->n, most, palette_colour(q, rank));
	page_raw(p, "</td>");
	if (q->has_confidence && l->n_confident)
		page_raw(p, "<td class=\"n\">%.3f</td>", l->confidence / (double)l->n_confident);
	else if (q->has_confidence)
		page_raw(p, "<td></td>");
	if (q->has_margin && l->n_margin)
		page_raw(p, "<td class=\"n\">%.3f</td>", l->margin / (double)l->n_margin);
	else if (q->has_margin)
		page_raw(p, "<td></td>");
	if (q->has_ids) {
		page_raw(p, "<td class=\"id\">");
		page_term(p, l->cl_id);
		page_raw(p, "</td><td>");
		page_text(p, l->cl_name);
		page_raw(p, "</td>");
	}
	page_raw(p, "</tr>\n");
}

void section_labels(struct page *p, const struct query_summary *q)
{
	if (!q->n_called)
		return;
	page_section(p, 3, NULL, "Labels");
	page_table(p, "sort", "Labels");
	page_raw(p, "<thead><tr><th scope=\"col\">Label</th>"
		    "<th scope=\"col\" class=\"n\" aria-sort=\"descending\">Cells</th>"
		    "<th scope=\"col\" class=\"n\">Share</th><td></td>");
	if (q->has_confidence)
		page_raw(p, "<th scope=\"col\" class=\"n\">Confidence</th>");
	if (q->has_margin)
		page_raw(p, "<th scope=\"col\" class=\"n\">Margin</th>");
	if (q->has_ids)
		page_raw(p, "<th scope=\"col\">Ontology</th><th scope=\"col\">Name there</th>");
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < q->n_called; i++)
		put_label_row(p, q, i);
	page_table_end(p);
	if (q->has_confidence)
		page_raw(p,
			 "<p class=\"note\">Confidence is the probability the model gives its "
			 "label%s. Means over the label's cells.</p>\n",
			 q->has_margin ? "; the margin is by how much that is above its second "
					 "choice: near 0, two labels fit alike"
				       : "");
	page_section_end(p);
}

/* ---- batches ---- */

#define MAX_BATCHES 60

static void put_batch(struct page *p, const struct query_summary *q, uint32_t batch)
{
	size_t n = 0, before = 0;

	for (size_t i = 0; i < q->n_called; i++)
		n += query_batch_cells(q, batch, q->by_count[i]);
	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, strtab_str(&q->batches, batch));
	page_raw(p, "</th><td class=\"n\">");
	page_count(p, n);
	page_raw(p, "</td><td class=\"bars\"><svg class=\"bar wide\" viewBox=\"0 0 100 10\" "
		    "preserveAspectRatio=\"none\" role=\"img\"><title>");
	page_text(p, strtab_str(&q->batches, batch));
	page_raw(p, ": shares of labels</title>");
	for (size_t i = 0; i < q->n_called; i++) {
		size_t cells = query_batch_cells(q, batch, q->by_count[i]);

		if (!cells)
			continue;
		page_raw(p,
			 "<rect x=\"%.3f\" width=\"%.3f\" height=\"10\" fill=\"#%06x\" data-tip=\"",
			 100.0 * (double)before / (double)n, 100.0 * (double)cells / (double)n,
			 palette_colour(q, i));
		page_text(p, strtab_str(&q->label_names, q->by_count[i]));
		page_raw(p, ": ");
		page_share(p, cells, n);
		page_raw(p, "\"/>");
		before += cells;
	}
	page_raw(p, "</svg></td></tr>\n");
}

void section_batches(struct page *p, const struct query_summary *q, const char *column)
{
	uint32_t *sorted;
	size_t n = MIN(q->batches.n, MAX_BATCHES);

	if (!n)
		return;
	sorted = strtab_sorted(&q->batches);
	page_section(p, 3, NULL, "Labels by batch");
	page_table(p, "", "Labels by batch");
	page_raw(p, "<thead><tr><th>");
	page_text(p, column);
	page_raw(p, "</th><th class=\"n\">Cells</th><th>Labels</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++)
		put_batch(p, q, sorted[i]);
	page_table_end(p);
	if (n < q->batches.n)
		page_raw(p, "<p class=\"note\">The first %zu of %zu.</p>\n", n, q->batches.n);
	page_section_end(p);
	free(sorted);
}
