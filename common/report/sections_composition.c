/* sections_composition.c - how much of a sample each label is, and how much samples differ in it. */
#include "base/util.h"

#include <math.h>

#include "report/palette.h"
#include "report/sections.h"

#define MOST_LABELS 60

/* Student's t, 97.5 %, by degrees of freedom from 1. */
static double t_value(size_t freedom)
{
	static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
				       2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
				       2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
				       2.060,  2.056, 2.052, 2.048, 2.045, 2.042};

	return freedom <= ARRAY_LEN(table) ? table[freedom - 1] : 1.96 + 2.5 / (double)freedom;
}

/* Shares of one label in the samples: every sample counts the same, however many cells it has. */
struct shares {
	double mean, low, high; /* of the mean, 95 % */
	double least, most;     /* of the samples */
};

static size_t batch_size(const struct query_summary *q, uint32_t batch)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n_called; i++)
		n += query_batch_cells(q, batch, q->by_count[i]);
	return n;
}

static struct shares shares_of(const struct query_summary *q, const size_t *sizes, uint32_t label)
{
	struct shares s = {.least = 1};
	double sum = 0, squares = 0, half, n = (double)q->batches.n;

	for (uint32_t b = 0; b < q->batches.n; b++) {
		double share = (double)query_batch_cells(q, b, label) / (double)MAX(sizes[b], 1);

		sum += share;
		squares += share * share;
		s.least = fmin(s.least, share);
		s.most = fmax(s.most, share);
	}
	s.mean = sum / n;
	half = t_value(q->batches.n - 1) *
	       sqrt(fmax(squares - n * s.mean * s.mean, 0) / (n - 1) / n);
	s.low = fmax(s.mean - half, 0);
	s.high = fmin(s.mean + half, 1);
	return s;
}

/* The interval as a bar, the mean as a mark, the samples' range as a line; 'top' is its right end. */
static void put_interval(struct page *p, const struct shares *s, double top, uint32_t colour)
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
		      const struct shares *s, double top)
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
	MEM_ARRAY(sizes, q->batches.n);
	for (uint32_t b = 0; b < q->batches.n; b++)
		sizes[b] = batch_size(q, b);
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
		struct shares s = shares_of(q, sizes, q->by_count[i]);

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
