/* sections_evidence.c - the sections on why labels are right: their genes, verdicts, proposals. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "report/sections.h"

#define STEP 20    /* a column's and a row's width, in the picture's units */
#define LARGEST 9  /* radius of a dot of all cells */
#define HEADING 90 /* room for the genes' names */

/* ---- dots ---- */

static void put_gene_names(struct page *p, const struct dots *d)
{
	size_t width = STEP * d->genes.n + HEADING / 2;

	page_raw(p,
		 "<thead><tr><td></td><td><svg width=\"%zu\" height=\"%d\" "
		 "viewBox=\"0 0 %zu %d\" role=\"img\" aria-label=\"Genes\">\n",
		 width, HEADING, width, HEADING);
	for (uint32_t g = 0; g < d->genes.n; g++) {
		page_raw(p, "<text transform=\"translate(%u,%d) rotate(-60)\">", STEP * g + 13,
			 HEADING - 4);
		page_text(p, strtab_str(&d->genes, g));
		page_raw(p, "</text>");
	}
	page_raw(p, "\n</svg></td></tr></thead>");
}

static void put_dot(struct page *p, const struct dots *d, uint32_t label, uint32_t gene,
		    double most)
{
	const struct dot *dot = &d->of[label * d->genes.n + gene];
	double colour = most > 0 ? fmax((double)dot->mean, 0) / most : 0;

	if (!(dot->share > 0))
		return;
	page_raw(p, "<circle cx=\"%u\" cy=\"%d\" r=\"%.1f\" fill-opacity=\"%.2f\" data-tip=\"",
		 STEP * gene + STEP / 2, STEP / 2, LARGEST * sqrt((double)dot->share),
		 0.12 + 0.88 * colour);
	page_text(p, strtab_str(&d->genes, gene));
	page_raw(p, " in ");
	page_text(p, strtab_str(&d->labels, label));
	page_raw(p, ": %.0f&nbsp;%% of the cells, mean %.2f\"/>", 100 * (double)dot->share,
		 (double)dot->mean);
}

void section_dots(struct page *p, const struct dots *d)
{
	double *most;

	if (!d->labels.n || !d->genes.n)
		return;
	MEM_ARRAY(most, d->genes.n);
	for (size_t g = 0; g < d->genes.n; g++)
		most[g] = dots_largest_mean(d, g);
	page_section(p, 3, NULL, "Marker genes of the labels");
	page_table(p, "dots", "Marker genes of the labels");
	put_gene_names(p, d);
	page_raw(p, "<tbody>\n");
	for (uint32_t i = 0; i < d->labels.n; i++) {
		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, strtab_str(&d->labels, i));
		page_raw(p,
			 "</th><td><svg width=\"%zu\" height=\"%d\" viewBox=\"0 0 %zu %d\" "
			 "aria-hidden=\"true\">",
			 STEP * d->genes.n, STEP, STEP * d->genes.n, STEP);
		for (uint32_t g = 0; g < d->genes.n; g++)
			put_dot(p, d, i, g, most[g]);
		page_raw(p, "</svg></td></tr>\n");
	}
	page_table_end(p);
	page_raw(p, "<p class=\"note\">The genes that mark each label most against all other "
		    "cells. Area: the share of the label's cells that express the gene. Colour: "
		    "its mean, full where that is highest.</p>\n");
	page_section_end(p);
	free(most);
}

/* ---- verdicts ---- */

static void put_number(struct page *p, const char *text)
{
	double value;

	page_raw(p, "<td class=\"n\">");
	if (parse_double(text, &value) && isfinite(value))
		page_raw(p, "%.2f", value);
	page_raw(p, "</td>");
}

/* "CD3D,CD3E" with room to break lines between. */
static void put_genes(struct page *p, const char *list)
{
	const char *end;

	page_raw(p, "<td class=\"list\">");
	for (; *list; list = *end ? end + 1 : end) {
		char *gene;
		end = strchrnul(list, ',');
		gene = mem_strn(list, (size_t)(end - list));
		page_raw(p, "<span class=\"gene\">");
		page_text(p, gene);
		page_raw(p, "</span> ");
		free(gene);
	}
	page_raw(p, "</td>");
}

static void put_status(struct page *p, const char *status, const char *reason)
{
	bool doubted = str_eq(status, "conflict") || str_eq(status, "weak");

	page_raw(p, doubted ? "<td class=\"word\"><strong>" : "<td class=\"word\">");
	page_text(p, status);
	page_raw(p, doubted ? "</strong>" : "");
	if (*reason && !str_eq(reason, status)) {
		page_raw(p, " <span class=\"lost\">");
		page_text(p, reason);
		page_raw(p, "</span>");
	}
	page_raw(p, "</td>");
}

void section_verdicts(struct page *p, const struct picked *v)
{
	if (!v->n_rows)
		return;
	page_section(p, 3, NULL, "What the markers say of each label");
	page_table(p, "sort", "What the markers say of each label");
	page_raw(p, "<thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Verdict</th>"
		    "<th scope=\"col\" class=\"n\">Support</th>"
		    "<th scope=\"col\">Markers name</th><th scope=\"col\" class=\"n\">z</th>"
		    "<th scope=\"col\" class=\"n\">Confidence</th>"
		    "<th scope=\"col\">For it</th><th scope=\"col\">Of other lineages</th>"
		    "</tr></thead><tbody>\n");
	for (size_t i = 0; i < v->n_rows; i++) {
		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, picked_at(v, i, VERDICT_CLUSTER));
		page_raw(p, "</th>");
		put_status(p, picked_at(v, i, VERDICT_STATUS), picked_at(v, i, VERDICT_REASON));
		put_number(p, picked_at(v, i, VERDICT_SUPPORT));
		page_raw(p, "<td class=\"list\">");
		page_text(p, picked_at(v, i, VERDICT_BEST));
		page_raw(p, "</td>");
		put_number(p, picked_at(v, i, VERDICT_BEST_Z));
		put_number(p, picked_at(v, i, VERDICT_CONFIDENCE));
		put_genes(p, picked_at(v, i, VERDICT_GENES));
		put_genes(p, picked_at(v, i, VERDICT_CONFLICT));
		page_raw(p, "</tr>\n");
	}
	page_table_end(p);
	page_raw(p, "<p class=\"note\">Support and z: by how many standard deviations the evidence "
		    "of a type's genes lies above what the same evidence, shuffled over all genes, "
		    "would give: for the label, and for the type it is highest for. Unlisted: the "
		    "tables of marker genes do not know the type. Confidence measures support and "
		    "is no probability.</p>\n");
	page_section_end(p);
}

/* ---- proposals ---- */

static void put_proposal(struct page *p, const struct query_evidence *e, size_t i)
{
	const struct picked *all = &e->proposals;
	size_t judged = picked_find(&e->judged, picked_at(all, i, PROPOSAL_CLUSTER));

	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, picked_at(all, i, PROPOSAL_CLUSTER));
	page_raw(p, "</th><td>");
	page_text(p, picked_at(all, i, PROPOSAL_LABEL));
	page_raw(p, "</td>");
	put_status(p, picked_at(all, i, PROPOSAL_STATUS), picked_at(all, i, PROPOSAL_REASON));
	if (e->judged.n_rows) {
		put_status(p, picked_at(&e->judged, judged, VERDICT_STATUS),
			   picked_at(&e->judged, judged, VERDICT_REASON));
		page_raw(p, "<td>");
		page_text(p, picked_at(&e->judged, judged, VERDICT_LABEL));
		page_raw(p, "</td>");
	}
	page_raw(p, "<td>");
	page_text(p, picked_at(all, i, PROPOSAL_RATIONALE));
	page_raw(p, "</td></tr>\n");
}

void section_proposals(struct page *p, const struct query_evidence *e)
{
	const char *model = "";

	if (!e->proposals.n_rows)
		return;
	for (size_t i = 0; i < e->proposals.n_rows && !*model; i++)
		model = picked_at(&e->proposals, i, PROPOSAL_MODEL);
	page_section(p, 3, NULL, "Proposals of a language model");
	page_table(p, "", "Proposals of a language model");
	page_raw(p,
		 "<thead><tr><th>Label</th><th>Proposed</th><th>Answer</th>%s"
		 "<th>In its words</th></tr></thead><tbody>\n",
		 e->judged.n_rows ? "<th>By the markers</th><th>What stands</th>" : "");
	for (size_t i = 0; i < e->proposals.n_rows; i++)
		put_proposal(p, e, i);
	page_table_end(p);
	page_raw(p, "<p class=\"note\">");
	if (*model) {
		page_raw(p, "By ");
		page_text(p, model);
		page_raw(p, ", which chose from a closed list. ");
	}
	page_raw(p, "A proposal is no label: none of these were given to cells.</p>\n");
	page_section_end(p);
}
