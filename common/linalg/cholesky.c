/* cholesky.c - see cholesky.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/cholesky.h"

int cholesky_factor(double *a, size_t n, double floor)
{
	double largest = 0;

	for (size_t i = 0; i < n; i++)
		largest = MAX(largest, a[i * n + i]);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j <= i; j++) {
			double sum = a[i * n + j];

			for (size_t k = 0; k < j; k++)
				sum -= a[i * n + k] * a[j * n + k];
			if (j < i)
				a[i * n + j] = sum / a[j * n + j];
			else if (sum > floor * largest && isfinite(sum))
				a[i * n + i] = sqrt(sum);
			else
				return -1;
		}
	}
	return 0;
}

void cholesky_solve(const double *factor, size_t n, double *b, size_t n_rhs)
{
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < n_rhs; c++) {
			double sum = b[i * n_rhs + c];

			for (size_t k = 0; k < i; k++)
				sum -= factor[i * n + k] * b[k * n_rhs + c];
			b[i * n_rhs + c] = sum / factor[i * n + i];
		}
	for (size_t i = n; i-- > 0;)
		for (size_t c = 0; c < n_rhs; c++) {
			double sum = b[i * n_rhs + c];

			for (size_t k = i + 1; k < n; k++)
				sum -= factor[k * n + i] * b[k * n_rhs + c];
			b[i * n_rhs + c] = sum / factor[i * n + i];
		}
}

void cholesky_undo(const double *factor, size_t n, double *undo, size_t stride)
{
	/* Column k of the factor's inverse is row k of what is wanted. */
	for (size_t k = 0; k < n; k++)
		for (size_t i = k; i < n; i++) {
			double sum = i == k;

			for (size_t j = k; j < i; j++)
				sum -= factor[i * n + j] * undo[k * stride + j];
			undo[k * stride + i] = sum / factor[i * n + i];
		}
}
