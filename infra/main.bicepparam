// An example. Secrets come from the environment of whoever deploys, never from a file.
using 'main.bicep'

param name = 'campaigns'
param adminKey = readEnvironmentVariable('CAMPAIGNS_ADMIN_KEY')

// To send for real, uncomment and fill in:
// param emailChannel = 'sendgrid'
// param sendGridApiKey = readEnvironmentVariable('SENDGRID_API_KEY')
// param sendGridFromAddress = 'news@example.com'
// param sendGridFromName = 'Example Shop'
// param smsChannel = 'twilio'
// param twilioAccountSid = 'AC…'
// param twilioAuthToken = readEnvironmentVariable('TWILIO_AUTH_TOKEN')
// param twilioMessagingServiceSid = 'MG…'
