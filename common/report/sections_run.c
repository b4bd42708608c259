/* sections_run.c - the sections on the run: settings, steps, versions. */
#include "base/util.h"

#include "model/edit.h"
#include "report/sections.h"

void section_markers(struct page *p, const struct model *m, size_t top)
{
	page_section(p, 2, "genes", "Top genes");
	page_raw(p, "<p>Of the model");
	if (*m->card.name) {
		page_raw(p, " ");
		page_text(p, m->card.name);
	}
	page_raw(p, ": the genes that speak most for each label, strongest first (largest "
		    "coefficients of the scaled genes).</p>\n");
	if (m->left_out) {
		struct text types = TEXT_INIT;

		left_out_text(m->left_out, &types);
		page_raw(p, "<p>Left out of its training for want of cells: ");
		page_text(p, types.s);
		page_raw(p, ". Cells of these types have another label here.</p>\n");
		text_release(&types);
	}
	page_table(p, "genes", "Top genes");
	page_raw(p, "<tbody>\n");
	for (size_t c = 0; c < m->n_classes; c++) {
		size_t *genes = model_markers(m, c, false);

		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, m->classes[c]);
		page_raw(p, "</th><td>");
		for (size_t i = 0; i < MIN(top, m->n_genes); i++) {
			if (model_coef(m, c, genes[i]) <= 0)
				break;
			page_raw(p, "<span class=\"gene\" data-tip=\"coefficient %.3g\">",
				 model_coef(m, c, genes[i]));
			page_text(p, m->genes[genes[i]]);
			page_raw(p, "</span> ");
		}
		page_raw(p, "</td></tr>\n");
		free(genes);
	}
	page_table_end(p);
	page_section_end(p);
}

static void put_versions(struct page *p, const struct run_log *run)
{
	struct strtab versions = {0};

	for (size_t i = 0; i < run->n; i++)
		if (*run->steps[i].version)
			strtab_add(&versions, run->steps[i].version);
	page_raw(p, "<p>%zu steps, by Pipette", run->n);
	for (size_t i = 0; i < versions.n; i++) {
		page_raw(p, "%s ", i ? " and" : "");
		page_text(p, strtab_str(&versions, (uint32_t)i));
	}
	page_raw(p, ".%s</p>\n",
		 versions.n > 1 ? " <strong>The steps were made by different "
				  "versions.</strong>"
				: "");
	strtab_release(&versions);
}

static void put_step(struct page *p, const struct run_step *s)
{
	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, s->name);
	page_raw(p, "</th><td>");
	page_text(p, s->tool);
	page_raw(p, "</td><td>");
	for (size_t i = 0; i < s->n_notes; i++) {
		page_raw(p, "<span class=\"pair\"><span class=\"what\">");
		page_text(p, s->notes[i].what);
		page_raw(p, "</span> ");
		page_text(p, s->notes[i].text);
		page_raw(p, "</span> ");
	}
	if (*s->command) {
		page_raw(p, "<details><summary>Command</summary><code>");
		page_text(p, s->command);
		page_raw(p, "</code></details>");
	}
	page_raw(p, "</td></tr>\n");
}

void section_run(struct page *p, const struct run_log *run)
{
	if (!run || !run->n)
		return;
	page_section(p, 2, "run", "What was run");
	put_versions(p, run);
	page_table(p, "steps", "Steps");
	page_raw(p, "<thead><tr><th>Step</th><th>Filter</th>"
		    "<th>Decided and counted</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < run->n; i++)
		put_step(p, &run->steps[i]);
	page_table_end(p);
	page_section_end(p);
}
