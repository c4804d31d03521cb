import type { Clock } from "../core/clock.ts"
import { type Access, clientSettings } from "./clients.ts"
import { call } from "./retry.ts"

/** Length limit of a subject in SNS. */
const SUBJECT = 100

/** Publishes a message to an SNS topic. */
export async function publish(
  access: Access,
  clock: Clock,
  message: { readonly topic: string; readonly subject: string; readonly text: string },
): Promise<void> {
  const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns")
  const sns = new SNSClient(clientSettings(access))
  await call(clock, "SNS Publish", () =>
    sns.send(
      new PublishCommand({
        TopicArn: message.topic,
        // SNS requires ASCII without line breaks.
        Subject: message.subject.replace(/[^ -~]/g, "-").slice(0, SUBJECT),
        Message: message.text,
      }),
    ),
  )
}
