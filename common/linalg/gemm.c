/* gemm.c - products of matrices by OpenBLAS; see gemm.h. */
#include "base/util.h"

#include <cblas.h>

#include "linalg/gemm.h"
#include "linalg/kernels.h"

static CBLAS_TRANSPOSE turned(bool yes)
{
	return yes ? CblasTrans : CblasNoTrans;
}

void gemm_float(struct gemm s, const float *a, size_t lda, const float *b, size_t ldb, float *c,
		size_t ldc)
{
	if (s.m == 0 || s.n == 0)
		return;
	cblas_sgemm(CblasRowMajor, turned(s.a_turned), turned(s.b_turned), (int)s.m, (int)s.n,
		    (int)s.k, 1, a, (int)lda, b, (int)ldb, s.add ? 1 : 0, c, (int)ldc);
}

void gemm_double(struct gemm s, const double *a, size_t lda, const double *b, size_t ldb, double *c,
		 size_t ldc)
{
	if (s.m == 0 || s.n == 0)
		return;
	cblas_dgemm(CblasRowMajor, turned(s.a_turned), turned(s.b_turned), (int)s.m, (int)s.n,
		    (int)s.k, 1, a, (int)lda, b, (int)ldb, s.add ? 1 : 0, c, (int)ldc);
}

void gemm_alone(void)
{
	kernels_alone();
}
