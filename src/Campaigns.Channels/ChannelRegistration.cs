using Campaigns.Channels.Outbox;
using Campaigns.Channels.Sender;
using Campaigns.Channels.SendGrid;
using Campaigns.Channels.Smtp;
using Campaigns.Channels.Twilio;
using Campaigns.Core.Dispatch;
using Campaigns.Core.Jobs;
using Campaigns.Core.Primitives;
using Campaigns.Core.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Campaigns.Channels;

/// <summary>
/// Chooses the adapters: <c>Channels:Email</c> = outbox (default), sendgrid or smtp, <c>Channels:Sms</c> = outbox (default) or
/// twilio. Needs <see cref="IRowStore"/> and <see cref="Workspace"/> among the services.
/// </summary>
public static class ChannelRegistration
{
    /// <summary>Adds one <see cref="IMessageChannel"/> per channel. Throws <see cref="InvalidOperationException"/> with a sentence that says what to set.</summary>
    public static IServiceCollection AddChannels(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<OutboxReader>();
        services.TryAddSingleton<ITextRecords>(_ => new DnsTextRecords());
        switch (Choice(configuration, "Channels:Email", "sendgrid", "smtp"))
        {
            case "sendgrid":
                var email = Bound(configuration, "Channels:SendGrid", new SendGridOptions());
                Check(email.Problem());
                AddClient(services, "sendgrid");
                services.AddSingleton<IMessageChannel>(s => new SendGridChannel(
                    s.GetRequiredService<IHttpClientFactory>().CreateClient("sendgrid"), email, s.GetRequiredService<TimeProvider>()));
                break;
            case "smtp":
                var server = Bound(configuration, "Channels:Smtp", new SmtpOptions());
                Check(server.Problem());
                services.AddSingleton<IMessageChannel>(s => new SmtpChannel(server, s.GetRequiredService<TimeProvider>()));
                break;
            default:
                services.AddSingleton<IMessageChannel>(s => new OutboxChannel(s.GetRequiredService<IRowStore>(), Channel.Email));
                break;
        }

        switch (Choice(configuration, "Channels:Sms", "twilio"))
        {
            case "twilio":
                var sms = Bound(configuration, "Channels:Twilio", new TwilioOptions());
                Check(sms.Problem());
                AddClient(services, "twilio");
                services.AddSingleton<IMessageChannel>(s => new TwilioChannel(
                    s.GetRequiredService<IHttpClientFactory>().CreateClient("twilio"), sms, s.GetRequiredService<Workspace>().SettingsAsync, s.GetRequiredService<TimeProvider>()));
                break;
            default:
                services.AddSingleton<IMessageChannel>(s => new OutboxChannel(s.GetRequiredService<IRowStore>(), Channel.Sms));
                break;
        }

        return services;
    }

    private static string Choice(IConfiguration configuration, string key, params string[] providers)
    {
        var chosen = (configuration[key] ?? "outbox").Trim().ToLowerInvariant();
        return chosen == "outbox" || providers.Contains(chosen, StringComparer.Ordinal)
            ? chosen
            : throw new InvalidOperationException($"{key} is '{chosen}'; it can be outbox or {string.Join(" or ", providers)}.");
    }

    private static T Bound<T>(IConfiguration configuration, string section, T options)
        where T : class
    {
        configuration.GetSection(section).Bind(options);
        return options;
    }

    private static void Check(string? problem)
    {
        if (problem is not null)
        {
            throw new InvalidOperationException(problem);
        }
    }

    // No retries and no redirects: a message is posted once. No logging: addresses and keys stay out of logs.
    private static void AddClient(IServiceCollection services, string name) => services
        .AddHttpClient(name)
        .RemoveAllLoggers()
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
}
