/** Facts about resource types, for checks without their provider. */

/** Types that hold data, or keys without which data is unreadable. */
const STATEFUL: ReadonlySet<string> = new Set([
  "aws_backup_vault",
  "aws_cloudwatch_log_group",
  "aws_cognito_user_pool",
  "aws_db_instance",
  "aws_db_snapshot",
  "aws_docdb_cluster",
  "aws_docdb_cluster_instance",
  "aws_dynamodb_global_table",
  "aws_dynamodb_table",
  "aws_ebs_volume",
  "aws_ecr_repository",
  "aws_efs_file_system",
  "aws_elasticache_cluster",
  "aws_elasticache_replication_group",
  "aws_elasticache_serverless_cache",
  "aws_elasticsearch_domain",
  "aws_fsx_lustre_file_system",
  "aws_fsx_ontap_file_system",
  "aws_fsx_openzfs_file_system",
  "aws_fsx_windows_file_system",
  "aws_kinesis_stream",
  "aws_kms_key",
  "aws_memorydb_cluster",
  "aws_msk_cluster",
  "aws_neptune_cluster",
  "aws_opensearch_domain",
  "aws_rds_cluster",
  "aws_rds_cluster_instance",
  "aws_rds_global_cluster",
  "aws_redshift_cluster",
  "aws_route53_zone",
  "aws_s3_bucket",
  "aws_secretsmanager_secret",
  "aws_sqs_queue",
  "aws_ssm_parameter",
  "aws_timestreamwrite_table",
])

/** @param more types that slipway.yaml names. */
export const isStateful = (type: string, more: readonly string[] = []): boolean =>
  STATEFUL.has(type) || more.includes(type)

/** Types that cost money and take tags. The provider knows them all; this list is for checks without it. */
const COSTS: ReadonlySet<string> = new Set([
  ...STATEFUL,
  "aws_alb",
  "aws_apprunner_service",
  "aws_autoscaling_group",
  "aws_cloudfront_distribution",
  "aws_ecs_cluster",
  "aws_ecs_service",
  "aws_ecs_task_definition",
  "aws_eip",
  "aws_eks_cluster",
  "aws_eks_node_group",
  "aws_instance",
  "aws_lambda_function",
  "aws_launch_template",
  "aws_lb",
  "aws_mq_broker",
  "aws_nat_gateway",
  "aws_sfn_state_machine",
  "aws_sns_topic",
  "aws_vpc",
  "aws_vpc_endpoint",
  "aws_wafv2_web_acl",
])

/** Returns whether resources of a type cost money and take tags: cost tags are asked of them. */
export const isTagged = (type: string): boolean => COSTS.has(type) && !UNTAGGED.has(type)

/** Of the types above, those that take no tags. */
const UNTAGGED: ReadonlySet<string> = new Set([
  // Its tags are blocks of another form.
  "aws_autoscaling_group",
  "aws_dynamodb_global_table",
  "aws_rds_global_cluster",
])

/**
 * Attributes that others than Terraform change while an app lives, by type of resource: a deployment registers task
 * definitions and moves weights, a scaler sets counts.
 */
export const OWNED_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  aws_appautoscaling_target: ["min_capacity", "max_capacity"],
  aws_autoscaling_group: ["desired_capacity"],
  aws_cloudwatch_event_target: ["ecs_target.*.task_definition_arn"],
  aws_ecs_service: ["task_definition", "desired_count", "load_balancer.*", "capacity_provider_strategy.*"],
  aws_ecs_task_definition: ["*"],
  aws_lb_listener: ["default_action.*"],
  aws_lb_listener_rule: ["action.*"],
}
