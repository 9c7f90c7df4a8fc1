using Campaigns.Core.Primitives;
using MemoryPack;

namespace Campaigns.Core.Jobs;

/// <summary>The share of the global control group from a quarter on.</summary>
/// <param name="FromQuarter"><see cref="Quarter.Index"/> of the first quarter that it holds for.</param>
/// <param name="PartsPerMillion">Share, 0 … 200,000; 0 = no group.</param>
[MemoryPackable]
public readonly partial record struct ControlShare(int FromQuarter, int PartsPerMillion);
