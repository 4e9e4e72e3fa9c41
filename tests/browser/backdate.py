"""Moves orders into the past, for pictures of a shop that has been open for a while. Standard input: {"uri": …, "orders": {id: [hours ago, an entry each
of its history]}}."""

import datetime
import json
import sys

import bson
import pymongo

wanted = json.load(sys.stdin)
orders = pymongo.MongoClient(wanted["uri"]).get_database("orders").orders
now = datetime.datetime.now(datetime.timezone.utc)
for order_id, hours in wanted["orders"].items():
    times = [now - datetime.timedelta(hours=each) for each in hours]
    changes = {"createdAt": times[0], "updatedAt": times[-1]}
    changes |= {f"history.{index}.at": time for index, time in enumerate(times)}
    orders.update_one({"_id": bson.ObjectId(order_id)}, {"$set": changes})
