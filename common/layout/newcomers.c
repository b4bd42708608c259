/* newcomers.c - see newcomers.h. */
#include "base/util.h"

#include "base/mem.h"
#include "layout/newcomers.h"
#include "linalg/exponential.h"

/* exp(-(d - nearest) / width), the width being the mean of d - nearest. */
static void weigh(const double *distances, size_t k, double *weights)
{
	double width = 0, sum = 0;

	for (size_t i = 0; i < k; i++)
		width += (distances[i] - distances[0]) / (double)k;
	for (size_t i = 0; i < k; i++) {
		weights[i] = width > 0 ? exp_double(-(distances[i] - distances[0]) / width) : 1;
		sum += weights[i];
	}
	for (size_t i = 0; i < k; i++)
		weights[i] /= sum;
}

float *newcomers_place(const struct knn_cross *found, const double *layout)
{
	float *at = mem_alloc(mem_product(found->n_queries, 2), sizeof(*at));
	double *weights = mem_alloc(found->k, sizeof(*weights));

	for (size_t cell = 0; cell < found->n_queries; cell++) {
		double x = 0, y = 0;

		weigh(found->distances + cell * found->k, found->k, weights);
		for (size_t i = 0; i < found->k; i++) {
			const double *other =
				layout + 2 * (size_t)found->neighbors[cell * found->k + i];

			x += weights[i] * other[0];
			y += weights[i] * other[1];
		}
		at[2 * cell] = (float)x;
		at[2 * cell + 1] = (float)y;
	}
	free(weights);
	return at;
}
