import type { Clock } from "../core/clock.ts"
import { type Access, clientSettings } from "./clients.ts"
import { call, type Pace } from "./retry.ts"

/** Publishes a message to an SNS topic. */
export async function publish(
  access: Access,
  clock: Clock,
  message: { readonly topic: string; readonly subject: string; readonly text: string },
  pace: Pace = "patient",
): Promise<void> {
  const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns")
  const sns = new SNSClient(clientSettings(access))
  const command = new PublishCommand({
    TopicArn: message.topic,
    Subject: message.subject,
    Message: message.text,
  })
  await call(clock, "SNS Publish", () => sns.send(command), pace)
}
