resource "aws_cloudwatch_log_group" "task" {
  for_each = local.tasks

  name              = "/ecs/${local.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_cloudwatch_log_group" "flow" {
  name              = "/medflow/${var.environment}/flow"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = aws_kms_key.main.id
}

resource "aws_sns_topic_subscription" "alarms" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  load_balancer = { LoadBalancer = aws_lb.main.arn_suffix }
  database      = { DBInstanceIdentifier = aws_db_instance.main.identifier }

  # A deployment's bake time looks at the first three.
  alarms = {
    errors = {
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum"
      above     = 5, periods = 2, dimensions = local.load_balancer
    }
    latency = {
      namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p95"
      above     = 1, periods = 3, dimensions = local.load_balancer
    }
    unhealthy = {
      namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, periods = 2
      dimensions = merge(local.load_balancer, {
        TargetGroup = aws_lb_target_group.service["backend"].arn_suffix
      })
    }
    database-cpu = {
      namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average"
      above     = 80, periods = 5, dimensions = local.database
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Below it, writes fail.
resource "aws_cloudwatch_metric_alarm" "storage" {
  alarm_name          = "${local.name}-database-storage"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = local.database
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 2 * 1024 * 1024 * 1024
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
