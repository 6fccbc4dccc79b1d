// Sends what a website's server would, with Segment's own library: node send.mjs <host> <key> <user>
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, userId] = process.argv.slice(2)
const failed = []
const analytics = new Analytics({ host, writeKey, maxRetries: 0, flushAt: 3 })
analytics.on('error', (error) => failed.push(error))

analytics.identify({ userId, traits: { preferences: { appointment_reminders: { sms: false } } } })
analytics.track({ userId, event: 'appointment_booked', properties: { value: 120, doctor: { name: 'Lee' }, insurer: 'Acme' } })
analytics.track({ anonymousId: 'node-visitor', event: 'never_allowed' })
analytics.page({ anonymousId: 'node-visitor', name: 'Prices' })
analytics.screen({ userId, name: 'Home' })
analytics.group({ userId, groupId: 'family' })
await analytics.closeAndFlush()

console.log(JSON.stringify(failed))
