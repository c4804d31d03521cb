/** The network of a one-off task in awsvpc mode. */
export const networkConfiguration = {
  awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
}
