// Campaigns on Azure: a Flex Consumption function app that starts our own program (a custom handler), its storage,
// a vault for the providers' secrets, and telemetry. Nothing here holds a key of the storage account: the app's
// identity reaches everything. See docs/deploying.md.

targetScope = 'resourceGroup'

@description('Short name of the installation. Part of every resource name, so small letters and digits only.')
@minLength(3)
@maxLength(11)
param name string = 'campaigns'

@description('Azure region. It must offer Flex Consumption: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('Tags put on every resource.')
param tags object = {}

@description('Version of the runtime "custom" in the catalogue of the region: az functionapp list-flexconsumption-runtimes --runtime custom.')
param runtimeVersion string = '1.0'

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Upper limit of instances that the platform may start. It bounds the bill and the load on the e-mail and SMS providers.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Redundancy of the storage account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_ZRS'

@description('Days for which telemetry is kept.')
@minValue(30)
@maxValue(730)
param telemetryRetentionDays int = 30

@description('Address under which customers and providers reach the app, https, without a trailing slash. Empty: the address that Azure gives. Links in messages already sent point to it, so do not change it lightly.')
param publicBaseUrl string = ''

@description('Number of buckets that customers are dealt into. Fixed once the store exists. 0: the default for Azure Storage, 256.')
@minValue(0)
@maxValue(256)
param buckets int = 0

@description('Seconds for which an instance holds a part of a job without renewing it.')
@minValue(15)
@maxValue(600)
param leaseSeconds int = 30

@description('Seconds for which a message is claimed before it counts as lost: well above the longest call of any provider.')
@minValue(60)
@maxValue(3600)
param claimSeconds int = 180

@description('An import is followed at once by a recomputation and a measurement, not only by the nightly ones.')
param followUps bool = true

@description('When segments are recomputed: six-field cron expression, UTC.')
param recomputeSegmentsSchedule string = '0 0 3 * * *'

@description('When campaigns that are due are launched.')
param launchCampaignsSchedule string = '0 */5 * * * *'

@description('When results are measured.')
param measureResultsSchedule string = '0 30 * * * *'

@description('When work that waits for its time, or whose message was lost, is woken.')
param wakeJobsSchedule string = '*/20 * * * * *'

@description('The first API key, with every right. At least 32 characters: openssl rand -base64 32.')
@secure()
@minLength(32)
param adminKey string

@description('Who sends e-mail. "outbox" sends nothing: messages can be read in the console.')
@allowed(['outbox', 'sendgrid', 'smtp'])
param emailChannel string = 'outbox'

@description('SendGrid: API key with the right "Mail Send". Needed where emailChannel is "sendgrid".')
@secure()
param sendGridApiKey string = ''

@description('SendGrid: mailbox of a verified sender.')
param sendGridFromAddress string = ''

@description('SendGrid: name that recipients see as the sender.')
param sendGridFromName string = ''

@description('SendGrid: address of the API; the second one is for subusers in the European Union.')
@allowed(['https://api.sendgrid.com', 'https://api.eu.sendgrid.com'])
param sendGridHost string = 'https://api.sendgrid.com'

@description('SendGrid: requests are checked and nothing is sent.')
param sendGridSandbox bool = false

@description('SendGrid: verification key of the signed Event Webhook, as SendGrid shows it. It is a public key. Empty: reports of SendGrid are refused.')
param sendGridWebhookPublicKey string = ''

@description('SendGrid: number of the unsubscribe group (ASM) that messages belong to. Empty: none.')
param sendGridUnsubscribeGroup string = ''

@description('SendGrid: IP pool that messages go out from. Empty: the choice of the account.')
param sendGridIpPool string = ''

@description('SendGrid: selectors of the keys that sign messages (DKIM), with commas between them. Only looked up, for the check of the sender.')
param sendGridDkimSelectors string = 's1,s2'

@description('SMTP: name of the mail server. Needed where emailChannel is "smtp".')
param smtpHost string = ''

@description('SMTP: port of the mail server.')
param smtpPort int = 587

@description('SMTP: how the connection is encrypted: asked for before anything is said, or from the beginning.')
@allowed(['starttls', 'tls'])
param smtpSecurity string = 'starttls'

@description('SMTP: account on the mail server. Empty: it asks for none.')
param smtpUserName string = ''

@description('SMTP: password of the account.')
@secure()
param smtpPassword string = ''

@description('SMTP: mailbox of the sender.')
param smtpFromAddress string = ''

@description('SMTP: name that recipients see as the sender.')
param smtpFromName string = ''

@description('SMTP: selectors of the keys that sign messages (DKIM), with commas between them. Empty: not known, and not looked up.')
param smtpDkimSelectors string = ''

@description('The most e-mails a second that the provider allows the account. Empty: no limit.')
param emailsPerSecond string = ''

@description('The most text messages a second that the provider allows the account. Empty: no limit.')
param smsPerSecond string = ''

@description('Who sends text messages. "outbox" sends nothing: messages can be read in the console.')
@allowed(['outbox', 'twilio'])
param smsChannel string = 'outbox'

@description('Twilio: account, AC and 32 hexadecimal digits.')
param twilioAccountSid string = ''

@description('Twilio: auth token. Needed where smsChannel is "twilio".')
@secure()
param twilioAuthToken string = ''

@description('Twilio: sender, a number in E.164 or an alphanumeric name. Or set twilioMessagingServiceSid.')
param twilioFrom string = ''

@description('Twilio: messaging service, MG and 32 hexadecimal digits. Or set twilioFrom.')
param twilioMessagingServiceSid string = ''

@description('Blob container of the storage account that files are put into to be imported, such as campaigns-inbox. Empty: none.')
param inboxContainer string = ''

@description('Shopify: secret that it signs webhooks of orders with. Empty: they are refused.')
@secure()
param shopifyWebhookSecret string = ''

@description('WooCommerce: secret of the webhooks of orders. Empty: they are refused.')
@secure()
param wooCommerceWebhookSecret string = ''

var suffix = take(uniqueString(resourceGroup().id, name), 8)
var appName = 'func-${name}-${suffix}'
var packageContainer = 'app-package'

var secrets = {
  adminKey: 'campaigns-admin-key'
  sendGridApiKey: 'sendgrid-api-key'
  smtpPassword: 'smtp-password'
  twilioAuthToken: 'twilio-auth-token'
  shopifyWebhookSecret: 'shopify-webhook-secret'
  wooCommerceWebhookSecret: 'woocommerce-webhook-secret'
}

// Built-in roles, the same in every tenant.
var roles = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}

// --- Identity -------------------------------------------------------------------------------------
// User-assigned, so that its roles exist before the app does: a vault reference that cannot be read when the app is
// created stays unresolved for hours.

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${name}-${suffix}'
  location: location
  tags: tags
}

// --- Storage: tables, queues and blobs of the app, and its package ---------------------------------

resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'st${name}${suffix}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: storageRedundancy
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource package 'containers' = {
      name: packageContainer
      properties: {
        publicAccess: 'None'
      }
    }
  }
}

resource storageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    roles.storageBlobDataOwner
    roles.storageQueueDataContributor
    roles.storageTableDataContributor
  ]: {
    name: guid(storage.id, identity.id, role)
    scope: storage
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// --- Secrets ----------------------------------------------------------------------------------------

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-${name}-${suffix}'
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }

  resource adminKeySecret 'secrets' = {
    name: secrets.adminKey
    properties: {
      value: adminKey
    }
  }

  resource sendGridApiKeySecret 'secrets' = if (!empty(sendGridApiKey)) {
    name: secrets.sendGridApiKey
    properties: {
      value: sendGridApiKey
    }
  }

  resource smtpPasswordSecret 'secrets' = if (!empty(smtpPassword)) {
    name: secrets.smtpPassword
    properties: {
      value: smtpPassword
    }
  }

  resource twilioAuthTokenSecret 'secrets' = if (!empty(twilioAuthToken)) {
    name: secrets.twilioAuthToken
    properties: {
      value: twilioAuthToken
    }
  }

  resource shopifyWebhookSecretSecret 'secrets' = if (!empty(shopifyWebhookSecret)) {
    name: secrets.shopifyWebhookSecret
    properties: {
      value: shopifyWebhookSecret
    }
  }

  resource wooCommerceWebhookSecretSecret 'secrets' = if (!empty(wooCommerceWebhookSecret)) {
    name: secrets.wooCommerceWebhookSecret
    properties: {
      value: wooCommerceWebhookSecret
    }
  }
}

resource vaultRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

// --- Telemetry --------------------------------------------------------------------------------------

resource logs 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${name}-${suffix}'
  location: location
  tags: tags
  properties: {
    retentionInDays: telemetryRetentionDays
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

resource insightsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
  }
}

// --- The app ----------------------------------------------------------------------------------------

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${name}-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true // Linux
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: appName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'custom'
        version: runtimeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
  }
  dependsOn: [
    storage::blobs::package
    storageRoles
    vaultRole
  ]

  // Passwords for publishing: off, publishing goes through the signed-in user.
  resource ftpPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scmPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }

  // What the code reads. A test holds this list against the code; docs/deploying.md explains each setting.
  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      // The host's own storage: locks of timers.
      AzureWebJobsStorage__accountName: storage.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId

      // The app's storage, for its queue triggers and for the program itself.
      CampaignsStorage__accountName: storage.name
      CampaignsStorage__credential: 'managedidentity'
      CampaignsStorage__clientId: identity.properties.clientId
      AZURE_CLIENT_ID: identity.properties.clientId

      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identity.properties.clientId}'

      Campaigns__Buckets: string(buckets)
      Campaigns__LeaseSeconds: string(leaseSeconds)
      Campaigns__ClaimSeconds: string(claimSeconds)
      Campaigns__FollowUps: string(followUps)
      Campaigns__Inbox: inboxContainer
      Campaigns__PublicBaseUrl: empty(publicBaseUrl) ? 'https://${app.properties.defaultHostName}' : publicBaseUrl
      Campaigns__AdminKey: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${secrets.adminKey})'

      Channels__Email: emailChannel
      Channels__SendGrid__ApiKey: empty(sendGridApiKey) ? '' : '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${secrets.sendGridApiKey})'
      Channels__SendGrid__FromAddress: sendGridFromAddress
      Channels__SendGrid__FromName: sendGridFromName
      Channels__SendGrid__Host: sendGridHost
      Channels__SendGrid__Sandbox: string(sendGridSandbox)
      Channels__SendGrid__TimeoutSeconds: '60'
      Channels__SendGrid__UnsubscribeGroup: sendGridUnsubscribeGroup
      Channels__SendGrid__IpPool: sendGridIpPool
      Channels__SendGrid__DkimSelectors: sendGridDkimSelectors
      Channels__SendGrid__MessagesPerSecond: emailsPerSecond
      Channels__SendGrid__WebhookPublicKey: sendGridWebhookPublicKey
      Channels__Smtp__Host: smtpHost
      Channels__Smtp__Port: string(smtpPort)
      Channels__Smtp__Security: smtpSecurity
      Channels__Smtp__UserName: smtpUserName
      Channels__Smtp__Password: empty(smtpPassword) ? '' : '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${secrets.smtpPassword})'
      Channels__Smtp__FromAddress: smtpFromAddress
      Channels__Smtp__FromName: smtpFromName
      Channels__Smtp__DkimSelectors: smtpDkimSelectors
      Channels__Smtp__MessagesPerSecond: emailsPerSecond
      Channels__Smtp__TimeoutSeconds: '60'
      Channels__Sms: smsChannel
      Channels__Twilio__AccountSid: twilioAccountSid
      Channels__Twilio__AuthToken: empty(twilioAuthToken) ? '' : '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${secrets.twilioAuthToken})'
      Channels__Twilio__From: twilioFrom
      Channels__Twilio__MessagingServiceSid: twilioMessagingServiceSid
      Channels__Twilio__ValiditySeconds: '14400'
      Channels__Twilio__Host: 'https://api.twilio.com'
      Channels__Twilio__TimeoutSeconds: '15'
      Channels__Twilio__MessagesPerSecond: smsPerSecond

      Shops__Shopify__WebhookSecret: empty(shopifyWebhookSecret) ? '' : '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${secrets.shopifyWebhookSecret})'
      Shops__WooCommerce__WebhookSecret: empty(wooCommerceWebhookSecret) ? '' : '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${secrets.wooCommerceWebhookSecret})'

      RecomputeSegmentsSchedule: recomputeSegmentsSchedule
      LaunchCampaignsSchedule: launchCampaignsSchedule
      MeasureResultsSchedule: measureResultsSchedule
      ApplyWebhooksSchedule: '0 * * * * *'
      TakeInFilesSchedule: '0 */5 * * * *'
      WakeJobsSchedule: wakeJobsSchedule
    }
    dependsOn: [
      vault::adminKeySecret
      vault::sendGridApiKeySecret
      vault::smtpPasswordSecret
      vault::twilioAuthTokenSecret
      vault::shopifyWebhookSecretSecret
      vault::wooCommerceWebhookSecretSecret
    ]
  }
}

@description('Name of the function app: publish to it.')
output functionAppName string = app.name

@description('Host name that Azure gives to the app.')
output functionAppHostName string = app.properties.defaultHostName

@description('Name of the storage account.')
output storageAccountName string = storage.name

@description('Name of the vault that holds the secrets.')
output keyVaultName string = vault.name
