-- Whether act $2 has voided something on board $1.
SELECT EXISTS (SELECT FROM acts AS a JOIN compensations AS c ON c.act_id = a.act_id
               WHERE a.act_id = $2 AND a.board_id = $1 AND a.kind = 'void')
