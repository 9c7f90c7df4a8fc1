namespace Campaigns.Core.Profiles.Scores;

/// <summary>Logistic regression by Newton's method (iteratively reweighted least squares), lightly ridged so that separable data stay finite.</summary>
internal static class Logistic
{
    private const int MaxIterations = 50;

    /// <summary>A prior of so little weight that 20 customers outweigh it; without it, separable data have no maximum.</summary>
    private const double Ridge = 1e-3;

    /// <summary>Probabilities are kept this far from 0 and 1, so that their logits are finite.</summary>
    private const double Edge = 1e-9;

    public static double Sigmoid(double z) => z >= 0 ? 1 / (1 + Math.Exp(-z)) : Math.Exp(z) / (1 + Math.Exp(z));

    public static double Logit(double probability)
    {
        var p = Math.Clamp(probability, Edge, 1 - Edge);
        return Math.Log(p / (1 - p));
    }

    /// <summary>Coefficients for rows of features, the first of which is 1. <paramref name="include"/> says which rows count.</summary>
    public static double[] Fit(double[][] rows, bool[] outcomes, Func<int, bool> include)
    {
        var size = rows.Length == 0 ? 0 : rows[0].Length;
        var beta = new double[size];
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var (gradient, hessian) = Sums(rows, outcomes, include, beta);
            var step = Solve(hessian, gradient);
            // A Newton step of the logistic likelihood may overshoot; ten logits at once is never right.
            var largest = step.Length == 0 ? 0 : step.Max(Math.Abs);
            var scale = largest > 10 ? 10 / largest : 1;
            for (var i = 0; i < size; i++)
            {
                beta[i] += scale * step[i];
            }

            if (largest < 1e-10)
            {
                break;
            }
        }

        return beta;
    }

    public static double Predict(double[] beta, ReadOnlySpan<double> features)
    {
        var z = 0.0;
        for (var i = 0; i < beta.Length; i++)
        {
            z += beta[i] * features[i];
        }

        return z;
    }

    private static (double[] Gradient, double[,] Hessian) Sums(double[][] rows, bool[] outcomes, Func<int, bool> include, double[] beta)
    {
        var size = beta.Length;
        var (gradient, hessian) = (new double[size], new double[size, size]);
        for (var i = 0; i < size; i++)
        {
            gradient[i] = -Ridge * beta[i];
            hessian[i, i] = Ridge;
        }

        for (var row = 0; row < rows.Length; row++)
        {
            if (!include(row))
            {
                continue;
            }

            var features = rows[row];
            var p = Sigmoid(Predict(beta, features));
            var (error, weight) = ((outcomes[row] ? 1 : 0) - p, p * (1 - p));
            for (var i = 0; i < size; i++)
            {
                gradient[i] += error * features[i];
                for (var j = 0; j <= i; j++)
                {
                    hessian[i, j] += weight * features[i] * features[j];
                }
            }
        }

        return (gradient, hessian);
    }

    /// <summary>Cholesky of a symmetric positive matrix given by its lower half.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var size = right.Length;
        var x = (double[])right.Clone();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                {
                    sum -= matrix[i, k] * matrix[j, k];
                }

                matrix[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / matrix[j, j];
            }

            for (var k = 0; k < i; k++)
            {
                x[i] -= matrix[i, k] * x[k];
            }

            x[i] /= matrix[i, i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < size; k++)
            {
                x[i] -= matrix[k, i] * x[k];
            }

            x[i] /= matrix[i, i];
        }

        return x;
    }
}
