/* sections_composition.c - how much of a sample each label is, and how much samples differ in it. */
#include "base/util.h"

#include <math.h>

#include "report/palette.h"
#include "report/sections.h"
#include "report/shares.h"

#define MOST_LABELS 60

/* The interval as a bar, the mean as a mark, the samples' range as a line; 'top' is its right end. */
static void put_interval(struct page *p, const struct label_shares *s, double top, uint32_t colour)
{
	const double scale = 100 / top;

	page_raw(p,
		 "<td class=\"bars\"><svg class=\"bar wide\" viewBox=\"0 0 100 10\" "
		 "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect x=\"%.2f\" y=\"4.5\" "
		 "width=\"%.2f\" height=\"1\" fill=\"#%06x\"/>",
		 scale * s->least, fmax(scale * (s->most - s->least), .2), colour);
	page_raw(p,
		 "<rect x=\"%.2f\" y=\"2\" width=\"%.2f\" height=\"6\" fill=\"#%06x\" "
		 "fill-opacity=\".35\"/><rect x=\"%.2f\" y=\"1\" width=\".6\" height=\"8\" "
		 "fill=\"#%06x\"/></svg></td>",
		 scale * s->low, fmax(scale * (s->high - s->low), .2), colour, scale * s->mean - .3,
		 colour);
}

static void put_label(struct page *p, const struct query_summary *q, size_t rank,
		      const struct label_shares *s, double top)
{
	page_raw(p, "<tr><th scope=\"row\">");
	page_text(p, strtab_str(&q->label_names, q->by_count[rank]));
	page_raw(p,
		 "</th><td class=\"n\">%.1f&nbsp;%%</td><td class=\"n\">%.1f to %.1f&nbsp;%%</td>"
		 "<td class=\"n\">%.1f to %.1f&nbsp;%%</td>",
		 100 * s->mean, 100 * s->low, 100 * s->high, 100 * s->least, 100 * s->most);
	put_interval(p, s, top, palette_colour(q, rank));
	page_raw(p, "</tr>\n");
}

void section_composition(struct page *p, const struct query_summary *q, const char *column)
{
	size_t n = MIN(q->n_called, MOST_LABELS), *sizes;
	double top = 0.01;

	if (q->batches.n < 2)
		return;
	sizes = shares_sizes(q);
	for (size_t i = 0; i < n; i++)
		top = fmax(top, shares_of(q, sizes, q->by_count[i]).most);
	page_section(p, 3, NULL, "Composition");
	page_table(p, "sort", "Share of each label over the samples");
	page_raw(p,
		 "<thead><tr><th>Label</th><th class=\"n\">Mean share</th><th class=\"n\">95 %% of "
		 "the mean</th><th class=\"n\">Least to most</th><th>0 to %.0f&nbsp;%%</th></tr>"
		 "</thead><tbody>\n",
		 100 * top);
	for (size_t i = 0; i < n; i++) {
		struct label_shares s = shares_of(q, sizes, q->by_count[i]);

		put_label(p, q, i, &s, top);
	}
	page_table_end(p);
	page_raw(p, "<p class=\"note\">Every value of ");
	page_text(p, column);
	page_raw(p,
		 " counts the same, however many cells it has: %zu of them. The interval is of "
		 "their "
		 "mean (Student's t), so it is only as good as they are alike and independent: "
		 "give donors, not lanes.</p>\n",
		 q->batches.n);
	page_section_end(p);
	free(sizes);
}
