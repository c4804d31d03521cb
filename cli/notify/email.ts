/** Publishes a message to an SNS topic, in the region of the topic. The SDK finds the AWS credentials. */
export async function publish(message: {
  readonly topic: string
  readonly subject: string
  readonly text: string
}): Promise<void> {
  // Loads only for those who send e-mail.
  const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns")
  const sns = new SNSClient({ region: message.topic.split(":")[3] ?? "" })
  await sns.send(
    new PublishCommand({
      TopicArn: message.topic,
      Subject: message.subject,
      Message: message.text,
    }),
  )
}
