// An example. Secrets come from the environment of whoever deploys, never from a file.
using 'main.bicep'

param name = 'campaigns'
param adminKey = readEnvironmentVariable('CAMPAIGNS_ADMIN_KEY')
