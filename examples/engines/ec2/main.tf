data "aws_ssm_parameter" "system" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.architecture}"
}

resource "aws_launch_template" "engine" {
  name_prefix            = "${var.name}-"
  image_id               = data.aws_ssm_parameter.system.value
  instance_type          = var.instance_type
  update_default_version = true
  user_data = base64encode(templatefile("${path.module}/user-data.sh", {
    name   = var.name
    image  = var.image
    region = var.region
  }))

  iam_instance_profile {
    arn = aws_iam_instance_profile.engine.arn
  }

  # No public address, no key: SSM is the way in.
  network_interfaces {
    associate_public_ip_address = false
    security_groups             = [aws_security_group.engine.id]
  }

  # One hop: containers of a run get no credentials of the machine.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = var.cache_gigabytes
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = merge(var.tags, { Name = var.name, dagger-engines = var.name })
  }

  tag_specifications {
    resource_type = "volume"
    tags          = merge(var.tags, { Name = var.name })
  }
}

resource "aws_autoscaling_group" "engines" {
  name                = var.name
  vpc_zone_identifier = var.subnets
  min_size            = var.engines
  max_size            = var.engines + 1
  desired_capacity    = var.engines
  health_check_type   = "EC2"

  launch_template {
    id      = aws_launch_template.engine.id
    version = aws_launch_template.engine.latest_version
  }

  # A new release of the engine replaces one machine at a time.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 110
    }
  }

  # A machine that goes has an hour for its runs: user-data.sh ends the wait.
  initial_lifecycle_hook {
    name                 = "drain"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    heartbeat_timeout    = 3600
    default_result       = "CONTINUE"
  }
}

resource "aws_security_group" "engine" {
  name        = var.name
  description = "Dagger engines: whoever reaches one is root in it"
  vpc_id      = var.vpc
}

resource "aws_vpc_security_group_ingress_rule" "runners" {
  for_each = { runs = 1234, metrics = 9090 }

  security_group_id            = aws_security_group.engine.id
  referenced_security_group_id = var.runners
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

# Runs pull images and packages from wherever they name.
resource "aws_vpc_security_group_egress_rule" "any" {
  security_group_id = aws_security_group.engine.id
  description       = "Registries and packages"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_iam_role" "engine" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "engine" {
  for_each = toset(["AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryReadOnly"])

  role       = aws_iam_role.engine.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_iam_role_policy" "drain" {
  name = "drain"
  role = aws_iam_role.engine.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "autoscaling:CompleteLifecycleAction"
      Resource = "arn:aws:autoscaling:${var.region}:*:autoScalingGroup:*:autoScalingGroupName/${var.name}"
    }]
  })
}

resource "aws_iam_instance_profile" "engine" {
  name = var.name
  role = aws_iam_role.engine.name
}

# Addresses of the engines that take runs, for idle-engine.sh.
output "find" {
  value = join(" ", [
    "aws autoscaling describe-auto-scaling-instances --region ${var.region} --output text --query",
    "\"AutoScalingInstances[?AutoScalingGroupName=='${var.name}' && LifecycleState=='InService'].InstanceId\"",
    "| xargs aws ec2 describe-instances --region ${var.region} --output text",
    "--query 'Reservations[].Instances[].PrivateIpAddress' --instance-ids",
  ])
}
