"""Work that returns: tasks run again and again between a worker's deliveries. Enter by `periodic.Periodic`."""
