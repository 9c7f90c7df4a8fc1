namespace Campaigns.Core.Offers.Learning;

/// <summary>Cholesky factor of a small symmetric positive definite matrix: as many rows as a campaign has variants.</summary>
internal sealed class SmallCholesky
{
    private readonly int size;
    private readonly double[] lower;

    /// <summary>Factors a matrix given by rows. Throws <see cref="ArithmeticException"/> where it is not positive definite.</summary>
    public SmallCholesky(ReadOnlySpan<double> matrix, int size)
    {
        this.size = size;
        lower = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[(i * size) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= lower[(i * size) + k] * lower[(j * size) + k];
                }

                if (i == j && !(sum > 0))
                {
                    throw new ArithmeticException("The matrix is not positive definite.");
                }

                lower[(i * size) + j] = i == j ? Math.Sqrt(sum) : sum / lower[(j * size) + j];
            }
        }
    }

    /// <summary>Logarithm of the determinant.</summary>
    public double LogDeterminant
    {
        get
        {
            var sum = 0.0;
            for (var i = 0; i < size; i++)
            {
                sum += Math.Log(lower[(i * size) + i]);
            }

            return 2 * sum;
        }
    }

    /// <summary>Solves matrix · x = b in place.</summary>
    public void Solve(Span<double> b)
    {
        for (var i = 0; i < size; i++)
        {
            for (var k = 0; k < i; k++)
            {
                b[i] -= lower[(i * size) + k] * b[k];
            }

            b[i] /= lower[(i * size) + i];
        }

        SolveTransposed(b);
    }

    /// <summary>Solves Lᵀ · x = b in place: of standard normal b, x has the inverse of the matrix as its covariance.</summary>
    public void SolveTransposed(Span<double> b)
    {
        for (var i = size - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < size; k++)
            {
                b[i] -= lower[(k * size) + i] * b[k];
            }

            b[i] /= lower[(i * size) + i];
        }
    }
}
